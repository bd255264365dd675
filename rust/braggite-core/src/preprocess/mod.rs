//! Background subtraction and other preparation.
