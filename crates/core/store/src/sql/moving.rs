//! Why a store cannot be used at present, and how it is filled.

statements! {
    /// Why, if there is a reason.
    REASONS = ["SELECT what, told FROM moving ORDER BY what"];
    /// Sets or changes one.
    NOTE = ["INSERT INTO moving (what, told) VALUES (?1, ?2) ON CONFLICT (what) DO UPDATE SET told = excluded.told"];
    /// Takes it away.
    FORGET = ["DELETE FROM moving WHERE what = ?1"];
}
