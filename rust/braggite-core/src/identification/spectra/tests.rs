use super::*;
use crate::dispatch::chosen::with_each;

fn bands(cells: usize, centres: &[f64]) -> Vec<f64> {
    let height = |x: f64| centres.iter().map(|c| 1.0 / (1.0 + ((x - c) / 4.0).powi(2))).sum::<f64>();
    (0..cells).map(|i| height(i as f64).sqrt()).collect()
}

fn single(values: &[f64]) -> Vec<f32> {
    values.iter().map(|&value| value as f32).collect()
}

#[test]
fn a_spectrum_agrees_with_itself_whatever_its_scale() {
    let values = bands(203, &[40.0, 120.3]);
    let row = single(&values.iter().map(|value| 7.0 * value - 3.0).collect::<Vec<_>>());
    let shelf = Shelf::new(&[0, 203], &[50], &row).unwrap();
    let found = agreements(&shelf, &Query::new(50, &values, &[true; 203]).unwrap());
    assert_eq!(found[0].common, 203);
    assert!(found[0].values > 0.999_999 && found[0].slopes > 0.999_999, "{found:?}");
}

#[test]
fn every_instruction_set_gives_the_same_bits() {
    let (query, row) = (bands(517, &[40.0, 220.3]), single(&bands(600, &[60.0, 400.0])));
    let shelf = Shelf::new(&[0, 333, 600], &[-20, 300], &row).unwrap();
    let query = Query::new(0, &query, &[true; 517]).unwrap();
    let results = with_each(|| (agreements(&shelf, &query), placed(&shelf, &[1, 0], &query, 5).unwrap()));
    assert!(results.windows(2).all(|pair| pair[0] == pair[1]));
}

#[test]
fn a_shift_between_cells_is_found() {
    let row = single(&bands(300, &[60.0, 200.0]));
    let shelf = Shelf::new(&[0, 300], &[0], &row).unwrap();
    let query = Query::new(0, &bands(300, &[62.4, 202.4]), &[true; 300]).unwrap();
    let found = placed(&shelf, &[0], &query, 5).unwrap()[0];
    // half-widths of 4 cells, of which a parabola over three cells meets the top to a tenth
    assert!((found.shift - 2.4).abs() < 0.1 && found.score > 0.99, "{found:?}");
}

#[test]
fn what_one_does_not_cover_does_not_count() {
    let values = bands(200, &[40.0, 150.0]);
    let (row, mut used) = (single(&values[..100]), [true; 200]);
    used[60..80].fill(false);
    let shelf = Shelf::new(&[0, 100, 100], &[0, 900], &row).unwrap();
    let mut disturbed = values;
    disturbed[61..79].fill(50.0);
    disturbed[100..].fill(9.0);
    let found = agreements(&shelf, &Query::new(0, &disturbed, &used).unwrap());
    assert_eq!((found[0].common, found[1].common), (80, 0));
    assert!(found[0].score() > 0.9999 && found[1].score() == 0.0, "{found:?}");
}

#[test]
fn flat_and_broken_rows_score_nothing() {
    let row = [vec![1.0; 50], vec![f32::NAN; 50]].concat();
    let shelf = Shelf::new(&[0, 50, 100], &[0, 0], &row).unwrap();
    let query = Query::new(0, &bands(50, &[20.0]), &[true; 50]).unwrap();
    assert!(agreements(&shelf, &query).iter().all(|found| found.score() == 0.0));
}

#[test]
fn refuses_what_does_not_belong_together() {
    assert!(matches!(Shelf::new(&[0, 1], &[0, 0], &[1.0]), Err(Error::LengthMismatch { what: "starts", .. })));
    assert!(matches!(Shelf::new(&[0, 2], &[0], &[1.0]), Err(Error::InvalidOption { name: "starts", .. })));
    assert!(matches!(Query::new(0, &[1.0; 5], &[true; 4]), Err(Error::LengthMismatch { .. })));
    assert!(matches!(Query::new(0, &[f64::NAN; 5], &[true; 5]), Err(Error::NotFinite { index: 0, .. })));
    assert!(matches!(Query::new(0, &[1.0; 5], &[false; 5]), Err(Error::TooFewPoints { got: 0, .. })));
    let (shelf, query) = (Shelf::new(&[0, 1], &[0], &[1.0]).unwrap(), Query::new(0, &[1.0; 5], &[true; 5]).unwrap());
    assert!(matches!(placed(&shelf, &[1], &query, 5), Err(Error::InvalidOption { name: "rows", .. })));
    assert!(matches!(placed(&shelf, &[0], &query, 1001), Err(Error::InvalidOption { name: "reach", .. })));
}
