// Times subjects in rounds: in each round every subject runs once, so that whatever else the machine does hits all of them alike.
//
// A subject has a name, a number of lines, and `run(times)`, which does the work so many times and says how many nanoseconds it took.

/// How long one subject runs within a round, in nanoseconds: many times the step of any clock used, and less than a busy system lets a
/// program run at a time, so that most rounds are not interrupted and their median is not either.
const STINT = 2e6;
/// How long it runs before it is measured, so that compilers have settled.
const WARM_UP = 300e6;
/// The part of a stint that it runs again before each, so that caches have settled.
const AGAIN = 0.25;

/// How many times fill a stint; warms the subject up on the way.
const calibrate = async (subject) => {
  let times = 1, spent = 0, least = Infinity;
  while (spent < WARM_UP) {
    const took = await subject.run(times);
    spent += took;
    if (took < STINT / 2) times *= 2;
    else least = Math.min(least, took / times);
  }
  return Math.max(1, Math.round(STINT / least));
};

/// Nanoseconds that each subject's work takes, one number a round.
export const measure = async (subjects, rounds) => {
  const measured = [];
  for (const subject of subjects) measured.push({ subject, times: await calibrate(subject), took: [] });
  for (let round = 0; round < rounds; round++) {
    for (const { subject, times, took } of measured) {
      await subject.run(Math.ceil(AGAIN * times));
      took.push(await subject.run(times) / times);
    }
  }
  return measured;
};
