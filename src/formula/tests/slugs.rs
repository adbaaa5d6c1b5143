//! Every slug can be reached, and the list of slugs is complete.

use crate::formula::{SLUGS, parse};

const EXAMPLES: [&str; 49] = [
    "y ~ I(x * z)",
    "y ~ 3x",
    "y ~ 1 | g",
    "y ~ x - offset(e)",
    "y ~ x + C(x)",
    "y ~ (1 | g) + (1 + x | g)",
    "y ~ ...",
    "",
    "`` ~ x",
    "y ~ (-1 | g)",
    "y ~ 0",
    "y ~ abs(x, z)",
    "y ~ a*b*c*d*e*f:g:h:i:j:k",
    "y ~ ns(x, df=0)",
    "y ~ (1 | log(g))",
    "y ~ x + 3",
    "y ~ ns(x, knots='b')",
    "y ~ x^0.5",
    "I(y) ~ x",
    "y ~ cbind(a, b)",
    "y ~ (x |)",
    "y ~ a b",
    "~ x",
    "y ~ x +",
    "y",
    "y ~ (1 | g | h)",
    "y ~ exp(log(x))",
    "y ~ x - z",
    "y ~ 1 * x",
    "y ~ x:offset(e)",
    "y ~ (offset(e) || g)",
    "y ~ I(x^11)",
    "y ~ x:(1 | g)",
    "y ~ C(x, ref=a)",
    "y ~ C(x, Helmert, ref='a')",
    "y ~ (1 | y)",
    "y ~ C(x, scores='1 2')",
    "y ~ 'x'",
    "(y ~ x)",
    "y ~ ((((((((((((((((((((((((((((((((((x))))))))))))))))))))))))))))))))))",
    "y ~ (a+b+c+d+e+f+g+h+i+j+k+l+m+n+o)^4",
    "y ~ x ~ z",
    "y ~ (x",
    "y ~ \"x",
    "y ~ x # z",
    "y ~ x = z",
    "y ~ C(x, Deviation)",
    "y ~ C(x, levels='a')",
    "y ~ eval(x)",
];

#[test]
fn there_is_an_example_of_every_slug() {
    let mut found: Vec<&str> = EXAMPLES.iter().map(|text| parse(text).expect_err(text).slug).collect();
    found.sort_unstable();
    assert_eq!(found, SLUGS);
}

#[test]
fn every_error_says_what_to_do_in_sentences() {
    for text in EXAMPLES {
        let error = parse(text).expect_err(text);
        assert!(error.help.ends_with(['.', ':', '`']), "{}", error.help);
        assert!(!error.message.is_empty() && !error.message.contains('\n'), "{}", error.message);
    }
}
