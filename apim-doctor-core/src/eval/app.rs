//! An app with its configuration, and what follows from several parts of the configuration.

use crate::base::ResourceId;
use crate::finding::Locator;
use crate::model::app_service::{Config, Plan, Site};
use crate::model::{ClosedBy, Estate, Fact, Gap, GapKind, Resource};

/// An app or a slot, with its collected configuration.
pub(crate) struct App<'e> {
    /// Everything that was read.
    pub estate: &'e Estate,
    /// The app itself.
    pub site: &'e Resource<Site>,
    /// `config/appsettings`, which holds secrets and is listed only on request.
    pub settings: Fact<&'e Resource<Config>>,
    /// `config/web`.
    pub web: Option<&'e Config>,
}

impl<'e> App<'e> {
    /// Finds the app and its configuration. The error is the gap if the app was not read, `None` if it does not exist.
    pub(crate) fn of(estate: &'e Estate, id: &ResourceId) -> Result<Self, Option<Gap>> {
        let site = match estate.get::<Site>(id) {
            Fact::Known(site) => site,
            Fact::Unknown(gap) => return Err(Some(gap)),
            Fact::Absent(_) => return Err(None),
        };
        let settings = estate.get::<Config>(&id.child("config", "appsettings"));
        let web = estate.get::<Config>(&id.child("config", "web")).known().map(|config| &config.properties);
        Ok(Self { estate, site, settings, web })
    }

    /// The settings, if they were listed.
    pub(crate) fn listed(&self) -> Option<&'e Resource<Config>> {
        match self.settings {
            Fact::Known(config) => Some(config),
            _ => None,
        }
    }

    /// The place of a setting, spelled as the app spells it if the app has it.
    pub(crate) fn setting_at(&self, name: &str) -> Locator {
        let name = self.listed().and_then(|config| config.properties.find(name)).map_or(name, |(own, _)| own);
        Locator::new(&self.site.id.child("config", "appsettings"), format!("/properties/{name}"))
    }

    /// Whether a switch among the settings is on; unknown if the settings were not listed.
    pub(crate) fn switch(&self, name: &str) -> Option<bool> {
        self.listed().map(|config| config.properties.is_on(name))
    }

    /// Whether it runs on a Flex Consumption plan. The app shows it from api-version 2023-12-01 on; before that, only
    /// its plan does.
    pub(crate) fn is_flex(&self) -> Result<bool, Gap> {
        if self.site.properties.function_app_config.is_some() {
            return Ok(true);
        }
        if !self.estate.is_older::<Site>(&self.site.id, "2023-12-01") {
            return Ok(false);
        }
        let unsaid = || self.unsaid("whether the app runs on a Flex Consumption plan", "serverFarmId");
        let plan = self.site.properties.server_farm_id.as_ref().ok_or_else(unsaid)?;
        match self.estate.get::<Plan>(plan) {
            Fact::Known(plan) => {
                let tier = plan.sku.as_ref().and_then(|sku| sku.tier.as_deref()).unwrap_or_default();
                Ok(tier.eq_ignore_ascii_case("FlexConsumption"))
            }
            Fact::Unknown(gap) => Err(gap),
            Fact::Absent(_) => Err(unsaid()),
        }
    }

    /// Whether it runs on Linux, by its properties or its kind.
    pub(crate) fn is_linux(&self) -> Result<bool, Gap> {
        let kind = self.site.kind.as_deref().map(str::to_ascii_lowercase);
        let said = self.site.properties.reserved.or(kind.map(|kind| kind.contains("linux")));
        said.ok_or_else(|| self.unsaid("whether the app runs on Linux", "reserved"))
    }

    /// The gap that a property which was not collected leaves.
    pub(crate) fn unsaid(&self, what: &str, property: &str) -> Gap {
        let property = format!("`{property}` of app `{}`", self.site.name());
        Gap::not_collected(property, &self.site.id).leaves_open(what)
    }

    /// The gap that settings which were not listed leave.
    pub(crate) fn settings_unread(&self, what: &str) -> Gap {
        match &self.settings {
            Fact::Unknown(gap) if gap.kind() != GapKind::NotCollected => gap.clone(),
            _ => Gap::not_collected(
                format!("the list of settings of `{}`", self.site.name()),
                ClosedBy::Collect(self.site.id.clone(), "--read-settings"),
            )
            .leaves_open(what),
        }
    }
}
