//! What is measured is what a page does: it reads the question, and establishes the cart by the catalog that came with it.

use tearoff_bench::held::Held;
use tearoff_bench::question;
use tearoff_core::evaluate;
use tearoff_core::quote::Outcome;

#[test]
fn a_page_reads_the_question_and_comes_to_the_same_cart_and_quote() {
    for lines in question::LINES {
        let made = question::held(lines);
        let read = Held::read(&question::bytes(&made)).expect("canonical bytes");
        assert_eq!(read.snapshot, made.snapshot);
        assert_eq!(read.cart, made.cart);
        assert_eq!(read.snapshot.establish(&question::cart(lines)), Ok(read.cart.clone()), "{lines} lines");
        let quote = evaluate(&read.snapshot.evaluation(&read.cart));
        assert_eq!(quote.lines.len(), lines);
        assert!(quote.lines.iter().all(|line| line.discount.minor() > 0));
        assert!(matches!(quote.decisions.as_slice(), [one] if matches!(one.outcome, Outcome::Applied { .. })));
    }
}

#[test]
fn what_is_no_question_is_not_read() {
    let bytes = question::bytes(&question::held(5));
    assert!(Held::read(&bytes[..bytes.len() - 1]).is_err());
}
