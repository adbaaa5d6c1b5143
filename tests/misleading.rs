//! Public data on which the Laplace approximation misleads: a user who never heard of quadrature must get the published answer.

use melogit::coding::{Column, Frame};
use melogit::model::{Fit, FitOptions, fit};
use melogit::settings::Points;

fn read(text: &str, numbers: &[&str]) -> Frame {
    let mut lines = text.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let header = lines.next().unwrap();
    let rows = lines.collect::<Vec<_>>();
    let mut frame = Frame::new(rows.len());
    for (k, name) in header.iter().enumerate() {
        let cells = rows.iter().map(|row| row[k]).collect::<Vec<_>>();
        let column = if numbers.contains(name) {
            Column::Number(cells.iter().map(|c| c.parse().unwrap()).collect())
        } else {
            Column::from_text(&cells)
        };
        frame.insert(name, column).unwrap();
    }
    frame
}

fn run(formula: &str, frame: &Frame, points: Points) -> Fit {
    let mut options = FitOptions::default();
    options.settings.points = points;
    fit(formula, frame, &options, &|| false).unwrap().0
}

/// Children in mothers in communities of Guatemala.
const GUIMMUN: &str =
    "y ~ kid2p + mom25p + ord + ethn + momEd + husEd + momWork + rural + pcInd81 + (1 | comm) + (1 | mom)";

fn guimmun() -> Frame {
    read(include_str!("reference/data/guimmun.csv"), &["y", "pcInd81"])
}

/// The published maximum with twelve points at each level (data.princeton.edu/pop510/maxlik.html), in our order: cons, kid2p,
/// mom25p, order23, order46, order7p, indNoSpa, indSpa, momEdPri, momEdSec, husEdPri, husEdSec, husEdDK, momWork, rural,
/// pcInd81; then the SDs of mothers and communities.
const PUBLISHED: (f64, [f64; 16], [f64; 2]) = (
    -1323.9618,
    [
        -1.233_400, 1.716_657, -0.215_995, -0.260_719, 0.179_374, 0.431_083, -0.172_474, -0.083_649, 0.433_026,
        0.420_005, 0.539_349, 0.505_110, -0.007_241, 0.390_044, -0.888_257, -1.149_777,
    ],
    [2.316, 1.025],
);

fn near(a: &[f64], b: &[f64], bound: f64) {
    assert!(a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() < bound), "{a:?} {b:?}");
}

#[test]
fn twelve_points_reach_the_published_maximum() {
    let fit = run(GUIMMUN, &guimmun(), Points::Fixed(12));
    assert!(fit.converged);
    assert!((fit.log_likelihood - PUBLISHED.0).abs() < 0.03, "{}", fit.log_likelihood);
    // An independent evaluation, with the nodes where they are here.
    assert!((fit.log_likelihood + 1323.971).abs() < 1e-3, "{}", fit.log_likelihood);
    near(&fit.beta, &PUBLISHED.1, 0.01);
    near(&fit.theta, &PUBLISHED.2, 0.01);
    // Work is counted, since times are noisy: evaluations by quadrature, each a value with its gradient.
    assert!(fit.trace.iter().filter(|e| e.nodes == 144).count() <= 14, "{:?}", fit.trace);
}

#[test]
fn the_default_gets_there_alone_and_says_so() {
    let fit = run(GUIMMUN, &guimmun(), Points::Auto);
    // Independently, with 25 points: -1323.952.
    assert!(fit.converged && fit.points() > 9);
    assert!((fit.log_likelihood + 1323.952).abs() < 0.01, "{}", fit.log_likelihood);
    near(&fit.beta, &PUBLISHED.1, 0.01);
    near(&fit.theta, &PUBLISHED.2, 0.01);
    let first = &fit.integration.shifts[0];
    assert!(first.points == 1 && first.next == Some(5) && first.is_large() && first.log_likelihood > 20.0);
    assert!(fit.next_rule().unwrap().is_still(161));
    assert!(fit.integration_words().contains("are good enough here"));
    assert!(fit.findings.iter().all(|f| f.slug != "integration-moves"));
}

#[test]
fn toenail_needs_many_points_and_gets_them() {
    let frame = read(include_str!("reference/data/toenail.csv"), &["y", "time", "visit"]);
    let formula = "y ~ treatment * visit + (1 | patientID)";
    let [laplace, many, auto] =
        [Points::Fixed(1), Points::Fixed(99), Points::Auto].map(|points| run(formula, &frame, points));
    let warning = laplace.findings.iter().find(|f| f.slug == "integration-moves").unwrap();
    assert!(warning.subject == "theta[patientID,(Intercept)]" && warning.message.contains("points=\"auto\""));
    assert!(auto.converged && auto.points() > 25);
    assert!((auto.log_likelihood - many.log_likelihood).abs() < 0.01);
    near(&auto.beta, &many.beta, 1e-3);
    near(&auto.theta, &many.theta, 1e-3);
    // 25 points on the scale of the published values, with time for visits: -625.42.
    let formula = "y ~ treatment * time + (1 | patientID)";
    assert!((run(formula, &frame, Points::Fixed(25)).log_likelihood + 625.42).abs() < 0.01);
    assert!((run(formula, &frame, Points::Auto).log_likelihood + 625.42).abs() < 0.03);
}
