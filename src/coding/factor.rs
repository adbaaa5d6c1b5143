//! A categorical covariate: its levels in order, reference and contrast, recorded at the fit and replayed on new data.

use super::codes::Codes;
use super::column::{Column, Frame, MISSING};
use super::contrast::Contrast;
use crate::error::{Error, Kind, Result};
use crate::formula::ContrastKind;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::HashMap;

/// A categorical covariate as coded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Factor {
    /// Source column.
    pub column: String,
    /// Levels with rows in the fit, in order.
    pub levels: Vec<String>,
    /// Index of the reference level.
    pub reference: usize,
    /// How levels become columns.
    pub contrast: Contrast,
    /// Whether the frame declared the order of the levels.
    pub declared: bool,
    /// Declared levels without a row in the fit.
    pub unused: Vec<String>,
}

/// Codes and labels of a column read as categories; a numeric column's labels are its sorted distinct values.
struct Categories<'a> {
    codes: Cow<'a, [i32]>,
    levels: Cow<'a, [String]>,
    declared: bool,
}

/// Marks a source level that this factor does not have.
const UNKNOWN: u32 = u32::MAX;

fn categories<'a>(frame: &'a Frame, column: &str) -> Result<Categories<'a>> {
    Ok(match frame.get(column)? {
        Column::Factor { codes, levels, declared } => {
            Categories { codes: codes.into(), levels: levels.into(), declared: *declared }
        }
        Column::Number(values) => {
            // Adding zero makes −0 the same level as 0.
            let mut distinct = values.iter().map(|x| x + 0.0).filter(|x| !x.is_nan()).collect::<Vec<_>>();
            distinct.sort_unstable_by(f64::total_cmp);
            distinct.dedup();
            let codes = values.iter().map(|x| {
                if x.is_nan() {
                    return MISSING;
                }
                distinct
                    .binary_search_by(|d| d.partial_cmp(x).unwrap_or(std::cmp::Ordering::Less))
                    .map_or(MISSING, |k| k as i32)
            });
            let levels = distinct.iter().map(ToString::to_string).collect::<Vec<_>>();
            Categories { codes: codes.collect::<Vec<_>>().into(), levels: levels.into(), declared: false }
        }
    })
}

impl Factor {
    /// Learns levels from `rows`. `reference` names the reference level; the default is the first level. Until a contrast is
    /// chosen, there is one indicator per level.
    pub fn learn(frame: &Frame, rows: &[u32], column: &str, reference: Option<&str>) -> Result<Self> {
        let source = categories(frame, column)?;
        let mut seen = vec![false; source.levels.len()];
        let mut unseen = seen.len();
        let codes = rows.iter().filter_map(|&i| usize::try_from(source.codes[i as usize]).ok());
        for c in codes {
            if !seen[c] {
                seen[c] = true;
                unseen -= 1;
                if unseen == 0 {
                    break;
                }
            }
        }
        let pick = |keep: bool| {
            let named = source.levels.iter().zip(&seen).filter(|(_, s)| **s == keep);
            named.map(|(l, _)| l.clone()).collect::<Vec<_>>()
        };
        let (levels, unused) = (pick(true), pick(false));
        let reference = match reference {
            None => 0,
            Some(wanted) => levels.iter().position(|l| l == wanted).ok_or_else(|| {
                let message = format!(
                    "'{wanted}' was asked for as the reference level of '{column}', but no analysed row has it; the levels are: {}",
                    list(&levels)
                );
                Error::new(Kind::Level, "unknown-reference", message)
            })?,
        };
        let contrast = Contrast::Indicator;
        Ok(Self { column: column.to_string(), levels, reference, contrast, declared: source.declared, unused })
    }

    /// The factor of a fixed effect: two levels or more, coded by a contrast.
    pub fn coded(self, contrast: &ContrastKind) -> Result<Self> {
        self.check_fixed()?;
        let contrast = Contrast::of(contrast, &format!("contrast of '{}'", self.column), &self.levels)?;
        Ok(Self { contrast, ..self })
    }

    /// Refuses a factor that cannot be a fixed effect.
    fn check_fixed(&self) -> Result<()> {
        if self.levels.len() < 2 {
            let only = self.levels.first().map_or("none".to_string(), |l| format!("'{l}'"));
            let message = format!(
                "factor '{}' has a single level ({only}) in the analysed rows, so it cannot explain anything; remove it from the formula, or look at what was dropped for missing values",
                self.column
            );
            return Err(Error::new(Kind::Level, "one-level", message));
        }
        Ok(())
    }

    /// Codes of `rows` in this factor's levels; a level that was not in the fit is an error.
    pub fn codes(&self, frame: &Frame, rows: &[u32]) -> Result<Codes> {
        let source = categories(frame, &self.column)?;
        let map = self.map(&source);
        // The last cell of the map is for missing values: code −1 wraps to it.
        let look_up = |&i: &u32| map[(source.codes[i as usize] as usize).min(map.len() - 1)];
        // One pass: the rows are in the order of groups, so that reading them misses the cache.
        let mut all_known = true;
        let known = rows.iter().map(|row| {
            let code = look_up(row);
            all_known &= code != UNKNOWN;
            code as usize
        });
        let codes = Codes::pack(known, self.levels.len());
        match rows.iter().find(|row| !all_known && look_up(row) == UNKNOWN) {
            Some(row) => Err(self.unseen(&source, *row)),
            None => Ok(codes),
        }
    }

    /// Own code of each of the source's codes, then of a missing value.
    fn map(&self, source: &Categories) -> Vec<u32> {
        let index: HashMap<&str, u32> = self.levels.iter().enumerate().map(|(k, l)| (l.as_str(), k as u32)).collect();
        let own = source.levels.iter().map(|l| index.get(l.as_str()).copied().unwrap_or(UNKNOWN));
        own.chain(std::iter::once(UNKNOWN)).collect()
    }

    /// Like [`Factor::codes`], with `None` for a level that was not in the fit.
    pub fn known(&self, frame: &Frame, rows: &[u32]) -> Result<Vec<Option<usize>>> {
        let source = categories(frame, &self.column)?;
        let map = self.map(&source);
        let look_up = |&i: &u32| map[(source.codes[i as usize] as usize).min(map.len() - 1)];
        Ok(rows.iter().map(|row| Some(look_up(row)).filter(|&c| c != UNKNOWN).map(|c| c as usize)).collect())
    }

    /// The label of one row of a frame.
    pub fn label(&self, frame: &Frame, row: u32) -> Result<String> {
        Ok(label(&categories(frame, &self.column)?, row))
    }

    fn unseen(&self, source: &Categories, row: u32) -> Error {
        let level = label(source, row);
        let message = format!(
            "column '{}', row {row} (counted from 0): level '{level}' was not in the data of the fit, so it has no coefficient; the levels are: {}",
            self.column,
            list(&self.levels)
        );
        Error::new(Kind::Level, "unseen-level", message)
    }
}

fn label(source: &Categories, row: u32) -> String {
    let code = usize::try_from(source.codes[row as usize]);
    code.map_or_else(|_| "a missing value".to_string(), |c| source.levels[c].clone())
}

/// Up to twelve quoted levels.
pub(super) fn list(levels: &[String]) -> String {
    let shown = levels.iter().take(12).map(|l| format!("'{l}'")).collect::<Vec<_>>().join(", ");
    if levels.len() > 12 { format!("{shown}, and {} more", levels.len() - 12) } else { shown }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame() -> Frame {
        let mut frame = Frame::new(4);
        frame.insert("x", Column::from_text(&["b", "a", "c", "a"])).unwrap();
        frame.insert("n", Column::Number(vec![2.5, 1.0, f64::NAN, 1.0])).unwrap();
        frame
    }

    #[test]
    fn levels_without_rows_are_set_aside() {
        let f = Factor::learn(&frame(), &[0, 1, 3], "x", Some("b")).unwrap();
        assert_eq!((f.levels.len(), f.reference, f.unused), (2, 1, vec!["c".to_string()]));
    }

    #[test]
    fn an_unseen_level_is_an_error() {
        let f = Factor::learn(&frame(), &[0, 1], "x", None).unwrap();
        let error = f.codes(&frame(), &[2]).unwrap_err();
        assert_eq!((error.kind(), error.slug()), (Kind::Level, "unseen-level"));
        assert!(error.to_string().contains("'c'"));
    }

    #[test]
    fn numbers_read_as_categories_sort_as_numbers() {
        let f = Factor::learn(&frame(), &[0, 1, 3], "n", None).unwrap();
        assert_eq!(f.levels, ["1", "2.5"]);
        assert_eq!(f.known(&frame(), &[0, 2]).unwrap(), [Some(1), None]);
    }
}
