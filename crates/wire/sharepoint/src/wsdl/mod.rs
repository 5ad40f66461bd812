//! Descriptions of the services (WSDL 1.1), made from the table of operations.

use crate::op::{OPERATIONS, Operation, Parameter, Service, Shape};
use crate::xml::Writer;

const TYPES: &str = "http://www.w3.org/2001/XMLSchema";

/// The description of a service that answers at `address`.
#[must_use]
pub fn describe(service: Service, address: &str) -> Vec<u8> {
    let mut out = Writer::new();
    let namespace = service.namespace();
    let operations = || OPERATIONS.iter().filter(|one| one.service == service);
    out.raw("<?xml version=\"1.0\" encoding=\"utf-8\"?>");
    out.open(
        "wsdl:definitions",
        &[
            ("xmlns:wsdl", "http://schemas.xmlsoap.org/wsdl/"),
            ("xmlns:soap", "http://schemas.xmlsoap.org/wsdl/soap/"),
            ("xmlns:soap12", "http://schemas.xmlsoap.org/wsdl/soap12/"),
            ("xmlns:s", TYPES),
            ("xmlns:tns", namespace),
            ("targetNamespace", namespace),
        ],
    );
    out.open("wsdl:types", &[]);
    out.open("s:schema", &[("elementFormDefault", "qualified"), ("targetNamespace", namespace)]);
    operations().for_each(|operation| elements(&mut out, operation));
    out.close("s:schema");
    out.close("wsdl:types");
    operations().for_each(|operation| messages(&mut out, operation.name));
    let name = service.name();
    out.open("wsdl:portType", &[("name", &format!("{name}Soap"))]);
    operations().for_each(|operation| port(&mut out, operation.name));
    out.close("wsdl:portType");
    for soap in ["soap", "soap12"] {
        binding(&mut out, service, soap);
    }
    out.open("wsdl:service", &[("name", name)]);
    for (port, soap) in [("Soap", "soap"), ("Soap12", "soap12")] {
        let port = format!("{name}{port}");
        out.open("wsdl:port", &[("name", &port), ("binding", &format!("tns:{port}"))]);
        out.empty(&format!("{soap}:address"), &[("location", address)]);
        out.close("wsdl:port");
    }
    out.close("wsdl:service");
    out.close("wsdl:definitions");
    out.take()
}

fn elements(out: &mut Writer, operation: &Operation) {
    let name = operation.name;
    out.open("s:element", &[("name", name)]);
    out.open("s:complexType", &[]);
    out.open("s:sequence", &[]);
    for parameter in operation.parameters {
        match parameter {
            Parameter::Text(name) => simple(out, name, "s:string"),
            Parameter::Bytes(name) => simple(out, name, "s:base64Binary"),
            Parameter::Xml(name) => mixed(out, name),
        }
    }
    out.close("s:sequence");
    out.close("s:complexType");
    out.close("s:element");
    let result = format!("{name}Result");
    out.open("s:element", &[("name", &format!("{name}Response"))]);
    out.open("s:complexType", &[]);
    out.open("s:sequence", &[]);
    match operation.shape {
        Shape::Xml => mixed(out, &result),
        Shape::Text => simple(out, &result, "s:string"),
        Shape::Parts => {
            out.empty("s:any", &[("minOccurs", "0"), ("maxOccurs", "unbounded"), ("processContents", "lax")])
        }
        Shape::Nothing => {}
    }
    out.close("s:sequence");
    out.close("s:complexType");
    out.close("s:element");
}

fn simple(out: &mut Writer, name: &str, holds: &str) {
    out.empty("s:element", &[("minOccurs", "0"), ("maxOccurs", "1"), ("name", name), ("type", holds)]);
}

/// Any one element.
fn mixed(out: &mut Writer, name: &str) {
    out.open("s:element", &[("minOccurs", "0"), ("maxOccurs", "1"), ("name", name)]);
    out.open("s:complexType", &[("mixed", "true")]);
    out.open("s:sequence", &[]);
    out.empty("s:any", &[("processContents", "lax")]);
    out.close("s:sequence");
    out.close("s:complexType");
    out.close("s:element");
}

fn messages(out: &mut Writer, name: &str) {
    for (way, element) in [("SoapIn", name.to_owned()), ("SoapOut", format!("{name}Response"))] {
        out.open("wsdl:message", &[("name", &format!("{name}{way}"))]);
        out.empty("wsdl:part", &[("name", "parameters"), ("element", &format!("tns:{element}"))]);
        out.close("wsdl:message");
    }
}

fn port(out: &mut Writer, name: &str) {
    out.open("wsdl:operation", &[("name", name)]);
    out.empty("wsdl:input", &[("message", &format!("tns:{name}SoapIn"))]);
    out.empty("wsdl:output", &[("message", &format!("tns:{name}SoapOut"))]);
    out.close("wsdl:operation");
}

fn binding(out: &mut Writer, service: Service, soap: &str) {
    let ending = if soap == "soap" { "Soap" } else { "Soap12" };
    let name = service.name();
    let attributes = [("name", format!("{name}{ending}")), ("type", format!("tns:{name}Soap"))];
    out.open("wsdl:binding", &attributes.each_ref().map(|(key, value)| (*key, value.as_str())));
    out.empty(&format!("{soap}:binding"), &[("transport", "http://schemas.xmlsoap.org/soap/http")]);
    for operation in OPERATIONS.iter().filter(|one| one.service == service) {
        let action = format!("{}{}", service.namespace(), operation.name);
        out.open("wsdl:operation", &[("name", operation.name)]);
        out.empty(&format!("{soap}:operation"), &[("soapAction", &action), ("style", "document")]);
        for way in ["wsdl:input", "wsdl:output"] {
            out.open(way, &[]);
            out.empty(&format!("{soap}:body"), &[("use", "literal")]);
            out.close(way);
        }
        out.close("wsdl:operation");
    }
    out.close("wsdl:binding");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml::{Limits, parse};

    #[test]
    fn every_operation_is_described() {
        for service in Service::ALL {
            let text = describe(service, "https://office.example/lists/_vti_bin/x.asmx?a=1&b=2");
            let root = parse(&text, &Limits::default()).unwrap();
            let port = root.child("portType").unwrap();
            let described: Vec<_> = port.all("operation").filter_map(|one| one.attribute("name")).collect();
            let known: Vec<_> =
                OPERATIONS.iter().filter(|one| one.service == service).map(|one| one.name).collect();
            assert_eq!(described, known);
        }
    }
}
