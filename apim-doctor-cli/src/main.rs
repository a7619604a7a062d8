//! placeholder
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let (mut snapshot, mut resource, mut consumers, mut can, mut pos) = (None, None, vec![], false, vec![]);
    let mut it = args.iter().skip(1);
    while let Some(a) = it.next() {
        match a.as_str() {
            "--snapshot" => snapshot = it.next().cloned(),
            "--consumer" => consumers.push(it.next().cloned().unwrap()),
            "-o" | "--fail-on" => { it.next(); }
            "diagnose" => {}
            "can" => can = true,
            x => { resource = Some(x.to_owned()); pos.push(x.to_owned()); }
        }
    }
    let bytes = std::fs::read(snapshot.unwrap()).unwrap();
    let (mut estate, problems) = apim_doctor_core::Estate::read(vec![apim_doctor_core::Input { name: "s".into(), bytes }]);
    for p in problems { eprintln!("{p:?}"); }
    if can {
        let a = apim_doctor_core::can(&estate, &apim_doctor_core::Asked { principal: pos[0].clone(), action: pos[1].clone(), scope: apim_doctor_core::ResourceId::new(&pos[2]), as_of: None });
        println!("{}", serde_json::to_string(&a).unwrap());
        return;
    }
    let r = apim_doctor_core::diagnose(&mut estate, &apim_doctor_core::Options { resource: resource.map(|r| apim_doctor_core::ResourceId::new(&r)), consumers, as_of: None });
    println!("{}", serde_json::to_string(&r).unwrap());
}
