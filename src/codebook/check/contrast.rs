//! Whether the declared contrast can be made of the levels.

use crate::codebook::read::tree::{Read, Section};
use crate::codebook::{Contrast, Variable};
use crate::coding;
use crate::declared::Fault;
use crate::formula::{ContrastKind, Hypothesis};

/// Scores are one for each level, and comparisons name levels and balance: better said here than when the model is fitted.
pub(in crate::codebook) fn check_contrast(variable: &Variable, section: &Section<'_, '_>) -> Read<()> {
    match &variable.contrast {
        Some(Contrast::Polynomial(scores)) => check_scores(scores, variable, section),
        Some(Contrast::Hypotheses(hypotheses)) => check_comparisons(hypotheses, variable, section),
        Some(Contrast::Named(_)) | None => Ok(()),
    }
}

/// Scores of a polynomial: one for each level, and no level may vanish.
fn check_scores(scores: &[f64], variable: &Variable, section: &Section<'_, '_>) -> Read<()> {
    let place = section.at(&["contrast", "polynomial"]);
    if scores.len() != variable.levels.len() {
        let message = format!("there are {} scores for {} levels", scores.len(), variable.levels.len());
        let cure = format!("write one score each for {}", variable.levels.join(", "));
        return Err(Fault::new(place, "codebook-scores", message, cure));
    }
    if variable.rare.is_some() {
        let message = "levels with scores cannot be merged when they are rare: the scores would belong to other levels";
        return Err(Fault::new(place, "codebook-scores", message, "leave out 'rare', or the scores"));
    }
    Ok(())
}

fn check_comparisons(hypotheses: &[(String, String)], variable: &Variable, section: &Section<'_, '_>) -> Read<()> {
    let asked = hypotheses.iter().map(|(label, text)| Hypothesis { label: label.clone(), text: text.clone() });
    let kind = ContrastKind::Custom(asked.collect());
    match coding::Contrast::of(&kind, "a comparison", &variable.levels) {
        Ok(_) => Ok(()),
        Err(error) => {
            let message = "a comparison cannot be made of the levels";
            Err(Fault::new(section.at(&["contrast"]), "codebook-contrast", message, error.to_string()))
        }
    }
}
