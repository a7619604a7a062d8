//! The ways to write one change of a resource.

use crate::base::ResourceId;
use crate::finding::Edit;
use crate::predeploy::repair::context::{Candidate, Repair};
use crate::predeploy::repair::create::create;

impl Repair<'_> {
    /// The ways to write a change, the smallest first.
    ///
    /// # Errors
    /// Why there is none.
    pub(in crate::predeploy) fn candidates(&mut self, edit: &Edit) -> Result<Vec<Candidate>, String> {
        let place = |this: &Self, id: &ResourceId, pointer: &str| {
            let place = this.declared.place(this.evaluated, id, pointer);
            place.ok_or_else(|| format!("the files do not create `{}`", id.name()))
        };
        let all = match edit {
            Edit::Set { resource, pointer, value } => {
                let place = place(self, resource, pointer)?;
                self.set(&place, value)
            }
            Edit::Append { resource, pointer, value } => {
                let place = place(self, resource, pointer)?;
                self.append(&place, value)
            }
            Edit::Remove { resource, pointer } => {
                let place = place(self, resource, pointer)?;
                Ok(self.remove(&place))
            }
            Edit::Create { body, scope, .. } => create(self, body, scope),
        }?;
        match all.is_empty() && self.is_unnamed {
            true => Err("it refers to something that the template cannot name".to_owned()),
            false => Ok(all),
        }
    }
}
