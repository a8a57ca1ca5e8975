def log = new File(basedir, 'build.log').text
assert log.contains('cause   input_ids') || log.contains('cause   layer 1')
assert log.contains('mask    layers 0, 2: padding; layer 1: full')
assert log.contains('lines of a baseline that accepts this:')
assert log =~ /(?m)^.ERROR. Failed to execute goal .*FAIL {2}.*model.onnx: attention is not the declared mask/
assert new File(basedir, 'target/sightline/report.html').length() > 10000
