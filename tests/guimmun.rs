//! Data on which the Laplace approximation misleads: a user who never heard of quadrature must get the published answer.

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

#[test]
fn explore() {
    let frame = guimmun();
    for points in [Points::Fixed(1), Points::Fixed(12), Points::Auto] {
        let time = std::time::Instant::now();
        let fit = run(GUIMMUN, &frame, points);
        eprintln!(
            "{points:?}: {:?} {} {} {:?} {:?}",
            time.elapsed(),
            fit.log_likelihood,
            fit.converged,
            fit.beta,
            fit.theta
        );
        eprintln!("{}", fit.integration_words());
        for s in &fit.integration.shifts {
            eprintln!("  {} {:?} {} {:?}", s.points, s.next, s.log_likelihood, s.largest());
        }
        for e in &fit.trace {
            eprintln!("  {:?}", e);
        }
    }
    let text = include_str!("reference/data/toenail.csv");
    eprintln!("{}", &text[..200]);
    let frame = read(text, &["y", "time", "visit"]);
    for points in [Points::Fixed(1), Points::Fixed(25), Points::Auto] {
        let time = std::time::Instant::now();
        let fit = run("y ~ treatment * time + (1 | patientID)", &frame, points);
        eprintln!(
            "{points:?}: {:?} {} {} {:?} {:?}",
            time.elapsed(),
            fit.log_likelihood,
            fit.converged,
            fit.beta,
            fit.theta
        );
        eprintln!("{}", fit.integration_words());
        for s in &fit.integration.shifts {
            eprintln!("  {} {:?} {} {:?}", s.points, s.next, s.log_likelihood, s.largest());
        }
    }
}
