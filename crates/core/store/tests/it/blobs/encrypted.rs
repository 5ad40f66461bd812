//! TLS to the bucket: who is believed.

use super::bed::{LARGE, noise};
use crate::suite::world::{ANNA, WORK, World, body, item_name, source};
use crate::suite::{at_server, engines_and_places};
use kontor_model::Error;
use kontor_store::blob::Bucket;
use kontor_store::{BlobOptions, BlobPlace, Expect};
use kontor_testkit::{Folder, S3, run, tools};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

/// PEM files of an authority, and of a certificate for loopback with its key.
struct Files {
    authority: PathBuf,
    certificate: PathBuf,
    key: PathBuf,
}

fn files(folder: &Folder) -> Files {
    let own = KeyPair::generate().unwrap();
    let mut above = CertificateParams::new(Vec::new()).unwrap();
    above.distinguished_name.push(DnType::CommonName, "Authority of a test");
    above.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = folder.write("ca.pem", above.self_signed(&own).unwrap().pem());
    let issuer = Issuer::new(above, own);
    let key = KeyPair::generate().unwrap();
    let names = vec!["127.0.0.1".to_owned()];
    let certificate = CertificateParams::new(names).unwrap().signed_by(&key, &issuer).unwrap();
    Files {
        authority,
        certificate: folder.write("cert.pem", certificate.pem()),
        key: folder.write("key.pem", key.serialize_pem()),
    }
}

#[test]
fn the_authority_that_is_named_is_believed_and_no_other() {
    let folder = Folder::new("s3-tls");
    let files = files(&folder);
    let text = |path: &PathBuf| path.to_str().unwrap().to_owned();
    let server = S3::start(&["-c", &text(&files.certificate), "-k", &text(&files.key)]);
    let endpoint = format!("https://{}", server.address());
    let mut make = Command::new(tools::debian("curl", "curl"));
    make.args([
        "--silent",
        "--show-error",
        "--fail",
        "--cacert",
        &text(&files.authority),
        "-X",
        "PUT",
        &format!("{endpoint}/secret"),
    ]);
    run(&mut make, "", Duration::from_secs(60)).said_if_ok();

    let engine = engines_and_places().into_iter().find(|engine| engine.bucket().is_some()).unwrap();
    let open = |bucket: Bucket| {
        let place = BlobPlace::Bucket(Box::new(bucket));
        engine.open_with(BlobOptions { place, patience: Duration::from_secs(5), ..engine.blobs() })
    };
    let Err(Error::Internal(why)) = open(at_server("secret", &endpoint)) else { panic!("it was believed") };
    assert!(why.contains("cannot reach") && why.to_lowercase().contains("certificate"), "{why}");
    let absent = Bucket { authorities: Some(folder.join("absent")), ..at_server("secret", &endpoint) };
    assert!(matches!(open(absent), Err(Error::Unsupported { .. })));
    let believed = Bucket { authorities: Some(files.authority.clone()), ..at_server("secret", &endpoint) };
    let store = open(believed).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let world = World::new(store).await;
        let mut large = body("", None);
        large.content = noise(1, LARGE).into();
        world.act(world.put_op(source(WORK, "x"), Expect::Any, large)).await.unwrap();
        let found = world.store.item(ANNA, WORK, &item_name("x")).await.unwrap().unwrap();
        assert!(found.body == noise(1, LARGE));
        world.store.close().await.unwrap();
    });
}
