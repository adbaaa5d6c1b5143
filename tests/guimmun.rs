//! Children in mothers in communities of Guatemala: where the Laplace approximation misleads, and nested quadrature does not.

use melogit::coding::{Column, Frame};
use melogit::model::{Fit, FitOptions, fit};

const FORMULA: &str =
    "y ~ kid2p + mom25p + ord + ethn + momEd + husEd + momWork + rural + pcInd81 + (1 | comm) + (1 | mom)";

fn guimmun() -> Frame {
    let text = include_str!("reference/data/guimmun.csv");
    let mut lines = text.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let header = lines.next().unwrap();
    let rows = lines.collect::<Vec<_>>();
    let mut frame = Frame::new(rows.len());
    for (k, name) in header.iter().enumerate() {
        let cells = rows.iter().map(|row| row[k]).collect::<Vec<_>>();
        let column = match *name {
            "y" | "pcInd81" => Column::Number(cells.iter().map(|c| c.parse().unwrap()).collect()),
            _ => Column::from_text(&cells),
        };
        frame.insert(name, column).unwrap();
    }
    frame
}

fn run(frame: &Frame, points: usize) -> Fit {
    let mut options = FitOptions::default();
    options.settings.points = points;
    fit(FORMULA, frame, &options, &|| false).unwrap().0
}

#[test]
fn twelve_points_reach_the_published_maximum() {
    let frame = guimmun();
    for points in [12] {
        let time = std::time::Instant::now();
        let fit = run(&frame, points);
        eprintln!(
            "{points}: {:?} {} {} {:?} {:?}",
            time.elapsed(),
            fit.log_likelihood,
            fit.converged,
            fit.beta,
            fit.theta
        );
        for e in &fit.trace {
            eprintln!("  {:?}", e);
        }
    }
}
