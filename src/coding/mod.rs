//! From columns of a frame to codes, contrasts and counts, and a record of it that replays on new data.

mod codes;
mod column;
mod contrast;
mod factor;
mod number;
mod response;

pub use codes::Codes;
pub use column::{Column, Frame, MISSING};
pub use contrast::Contrast;
pub use factor::Factor;
pub use number::Number;
pub use response::{Outcome, ResponseSpec};
