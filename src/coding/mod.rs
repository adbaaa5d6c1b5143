//! From columns of a frame to codes, contrasts and counts, and a record of it that replays on new data.

mod basis;
mod codes;
mod column;
mod contrast;
mod dictionary;
mod factor;
mod number;
mod response;
mod shares;
mod texts;

pub use basis::Basis;
pub(crate) use codes::with_codes;
pub use codes::{Code, Codes};
pub use column::{Column, Frame, MISSING};
pub use contrast::Contrast;
pub use dictionary::Dictionary;
pub use factor::Factor;
pub use number::Number;
pub use response::{Outcome, ResponseSpec};
pub use texts::{TextList, Texts};
