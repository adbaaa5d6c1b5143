//! How much work a fit takes: counts, since times are noisy. A count that falls is welcome, and the bound goes down with it.

use melogit::coding::{Column, Frame};
use melogit::model::{FitOptions, fit};
use melogit::progress::Snapshot;
use melogit::settings::Points;
use std::fs;
use std::sync::Arc;

/// Evaluations, sweeps over the records, gradients and Hessians of a fit that converges.
fn work(formula: &str, frame: &Frame, points: usize) -> [usize; 4] {
    let mut options = FitOptions::default();
    options.settings.points = Points::Fixed(points);
    let fit = fit(formula, frame, &options, &|| false).unwrap_or_else(|e| panic!("{formula}: {e}")).0;
    assert!(fit.converged, "{formula}");
    let Snapshot { evaluations, sweeps, gradients, hessians, .. } = Arc::clone(&options.board).read();
    // The look at the next rule comes on top of the search.
    assert!(sweeps >= fit.trace.iter().map(|e| e.sweeps).sum::<usize>());
    [evaluations, sweeps, gradients, hessians]
}

/// A reference table; columns named in `text` are categories.
fn table(name: &str, text: &[&str]) -> Frame {
    let path = format!("{}/tests/reference/data/{name}.csv", env!("CARGO_MANIFEST_DIR"));
    let content = fs::read_to_string(path).unwrap();
    let mut lines = content.lines();
    let names = lines.next().unwrap().split(',').collect::<Vec<_>>();
    let rows = lines.map(|l| l.split(',').collect::<Vec<_>>()).collect::<Vec<_>>();
    let mut frame = Frame::new(rows.len());
    for (k, column) in names.iter().enumerate() {
        let cells = rows.iter().map(|r| r[k]).collect::<Vec<_>>();
        if text.contains(column) {
            frame.insert(column, Column::from_text(&cells)).unwrap();
        } else if let Ok(numbers) = cells.iter().map(|c| c.parse::<f64>()).collect::<Result<Vec<_>, _>>() {
            frame.insert(column, Column::Number(numbers)).unwrap();
        }
    }
    frame
}

/// 20,000 records, three factors, 60 places; a small copy of the study's model.
fn places() -> Frame {
    let rows = 20_000;
    let mut seed = 17u64;
    let mut draw = move || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 11) as f64 / (1u64 << 53) as f64
    };
    let effect = (0..60).map(|_| draw() + draw() - 1.0).collect::<Vec<_>>();
    let (mut f, mut g, mut h, mut place, mut y) = (vec![], vec![], vec![], vec![], vec![]);
    for _ in 0..rows {
        let code = |u: f64, n: usize| (u * n as f64) as usize;
        let (a, b, c, p) = (code(draw(), 4), code(draw(), 9), code(draw(), 14), code(draw(), 60));
        let eta = 0.3 * a as f64 - 0.1 * b as f64 + 0.05 * c as f64 - 0.6 + 1.2 * effect[p];
        y.push(f64::from(u8::from(draw() < 1.0 / (1.0 + (-eta).exp()))));
        for (column, k) in [(&mut f, a), (&mut g, b), (&mut h, c), (&mut place, p)] {
            column.push(format!("{k:02}"));
        }
    }
    let mut frame = Frame::new(rows);
    for (name, values) in [("f", &f), ("g", &g), ("h", &h), ("place", &place)] {
        frame.insert(name, Column::from_text(values)).unwrap();
    }
    frame.insert("y", Column::Number(y)).unwrap();
    frame
}

#[test]
fn work_does_not_grow() {
    let cbpp = table("cbpp", &["herd", "period"]);
    let contraception = table("contraception", &["district", "livch", "urban"]);
    let verbagg = table("verbagg", &["id", "item", "btype", "situ", "mode", "Gender"]);
    let found = [
        ("study", work("y ~ f + g + h + (1 | place)", &places(), 1), STUDY),
        ("cbpp", work("incidence / size ~ period + (1 | herd)", &cbpp, 1), CBPP),
        ("slopes", work("use ~ age + livch + urban + (1 + urban | district)", &contraception, 1), SLOPES),
        ("slopes, 3 points", work("use ~ age + livch + urban + (1 + urban | district)", &contraception, 3), NODES),
        ("crossed", work("y ~ Anger + Gender + btype + situ + (1 | id) + (1 | item)", &verbagg, 1), CROSSED),
    ];
    let over = found.iter().filter(|(_, now, most)| now.iter().zip(most).any(|(n, m)| n > m)).collect::<Vec<_>>();
    assert!(over.is_empty(), "evaluations, sweeps, gradients, Hessians, and the most there may be: {over:?}");
}

const STUDY: [usize; 4] = [3, 10, 4, 3];
const CBPP: [usize; 4] = [3, 10, 4, 3];
const SLOPES: [usize; 4] = [7, 32, 7, 4];
const NODES: [usize; 4] = [8, 34, 10, 6];
const CROSSED: [usize; 4] = [6, 40, 11, 3];
