//! Names in `urn:ietf:params:xml:ns:carddav` (RFC 6352).

use super::{names, ns::CARDDAV};

names! { CARDDAV;
    // properties
    ADDRESSBOOK_DESCRIPTION = "addressbook-description",
    SUPPORTED_ADDRESS_DATA = "supported-address-data",
    ADDRESS_DATA_TYPE = "address-data-type",
    MAX_RESOURCE_SIZE = "max-resource-size",
    MAX_IMAGE_SIZE = "max-image-size",
    SUPPORTED_COLLATION_SET = "supported-collation-set",
    ADDRESSBOOK_HOME_SET = "addressbook-home-set",
    PRINCIPAL_ADDRESS = "principal-address",
    // resource types and small values
    ADDRESSBOOK = "addressbook",
    DIRECTORY = "directory",
    SUPPORTED_COLLATION = "supported-collation",
    // messages
    ADDRESSBOOK_QUERY = "addressbook-query",
    ADDRESSBOOK_MULTIGET = "addressbook-multiget",
    ADDRESS_DATA = "address-data",
    ALLPROP = "allprop",
    PROP = "prop",
    FILTER = "filter",
    PROP_FILTER = "prop-filter",
    PARAM_FILTER = "param-filter",
    IS_NOT_DEFINED = "is-not-defined",
    TEXT_MATCH = "text-match",
    LIMIT = "limit",
    NRESULTS = "nresults",
    // preconditions and postconditions
    SUPPORTED_ADDRESS_DATA_CONVERSION = "supported-address-data-conversion",
    VALID_ADDRESS_DATA = "valid-address-data",
    NO_UID_CONFLICT = "no-uid-conflict",
    ADDRESSBOOK_COLLECTION_LOCATION_OK = "addressbook-collection-location-ok",
    SUPPORTED_FILTER = "supported-filter",
}
