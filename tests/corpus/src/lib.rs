#![doc = include_str!("../README.md")]

pub mod compare;
pub mod digests;
pub mod native;
pub mod replay;
pub mod rules;
pub mod story;
pub mod table;
pub mod want;

pub use replay::{Answered, Implementation, replay};
pub use story::{InvalidStory, Story};

include!(concat!(env!("OUT_DIR"), "/stories.rs"));
include!(concat!(env!("OUT_DIR"), "/for_each_story.rs"));

/// All stories, by name.
///
/// # Errors
/// The first story that does not parse.
pub fn stories() -> Result<Vec<Story>, InvalidStory> {
    FILES.iter().map(|(slug, text)| Story::parse(slug, text)).collect()
}

/// The story of that name.
///
/// # Errors
/// When there is none, or it does not parse.
pub fn story(slug: &str) -> Result<Story, InvalidStory> {
    let file = FILES.iter().find(|(known, _)| *known == slug);
    let (slug, text) = file.ok_or_else(|| InvalidStory::new(slug, "there is no such story"))?;
    Story::parse(slug, text)
}
