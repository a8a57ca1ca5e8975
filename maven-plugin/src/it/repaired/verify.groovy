def log = new File(basedir, 'build.log').text
assert log.contains('REPAIRED') || log.contains('repaired')
assert new File(basedir, 'target/sightline/repaired.onnx').length() > 10000
assert new File(basedir, 'target/sightline/after/report.html').length() > 10000
