//! What must be true of a variable once it is read: each check has its own file.

pub(super) mod bands;
pub(super) mod codes;
pub(super) mod contrast;
pub(super) mod levels;
pub(super) mod steps;

use crate::codebook::Variable;
use crate::codebook::check::bands::check_bands;
use crate::codebook::check::codes::{check_months, check_overlaps, check_zeros};
use crate::codebook::check::contrast::check_contrast;
use crate::codebook::check::levels::check_levels;
use crate::codebook::check::steps::check_steps;
use crate::codebook::read::tree::{Read, Section};

/// The first thing that is wrong with the variable.
pub(in crate::codebook) fn check(variable: &Variable, section: &Section<'_, '_>, month: Option<&str>) -> Read<()> {
    check_overlaps(variable, section)?;
    if variable.clean {
        check_zeros(variable, section)?;
    }
    if month.is_none() {
        check_months(variable, section)?;
    }
    check_bands(variable, section)?;
    check_steps(variable, section)?;
    check_levels(variable, section)?;
    check_contrast(variable, section)
}
