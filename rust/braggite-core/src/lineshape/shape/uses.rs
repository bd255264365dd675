//! What is done with a shape once its parameters are set.

use crate::lineshape::columns::ShapeColumns;
use crate::lineshape::profile::Profile;

/// Something to do with any profile.
pub trait Use {
    type Output;
    fn of<const K: usize, P: Profile<K>>(self, profile: P) -> Self::Output;
}

pub struct Reach(pub f64);

impl Use for Reach {
    type Output = (f64, f64);
    fn of<const K: usize, P: Profile<K>>(self, profile: P) -> (f64, f64) {
        profile.reach(self.0)
    }
}

pub struct Fill<'a> {
    pub x: &'a [f64],
    pub centre: f64,
    pub out: &'a mut ShapeColumns,
}

impl Use for Fill<'_> {
    type Output = ();
    fn of<const K: usize, P: Profile<K>>(self, profile: P) {
        profile.fill(self.x, self.centre, self.out.sized::<K>(self.x.len()));
    }
}

pub struct Add<'a> {
    pub x: &'a [f64],
    pub centre: f64,
    pub scale: f64,
    pub target: &'a mut [f64],
}

impl Use for Add<'_> {
    type Output = ();
    fn of<const K: usize, P: Profile<K>>(self, profile: P) {
        profile.add_values(self.x, self.centre, self.scale, self.target);
    }
}

pub struct Fwhm<'a>(pub &'a mut [f64]);

impl Use for Fwhm<'_> {
    type Output = f64;
    fn of<const K: usize, P: Profile<K>>(self, profile: P) -> f64 {
        profile.fwhm(self.0)
    }
}

pub struct Height<'a>(pub &'a mut [f64]);

impl Use for Height<'_> {
    type Output = f64;
    fn of<const K: usize, P: Profile<K>>(self, profile: P) -> f64 {
        profile.height(self.0)
    }
}

pub struct Mode;

impl Use for Mode {
    type Output = f64;
    fn of<const K: usize, P: Profile<K>>(self, profile: P) -> f64 {
        profile.mode()
    }
}

pub struct Area;

impl Use for Area {
    type Output = Option<f64>;
    fn of<const K: usize, P: Profile<K>>(self, profile: P) -> Option<f64> {
        profile.area()
    }
}

pub struct AreaBetween(pub f64, pub f64);

impl Use for AreaBetween {
    type Output = f64;
    fn of<const K: usize, P: Profile<K>>(self, profile: P) -> f64 {
        profile.area_between(self.0, self.1)
    }
}
