//! Background subtraction and other preparation.

pub mod background;
