def log = new File(basedir, 'build.log').text
assert log.contains('PASS  ')
assert new File(basedir, 'target/sightline/report.html').length() > 10000
assert new File(basedir, 'target/sightline/report.json').text.contains('"outcome" : "PASS"')
assert new File(basedir, 'target/sightline/TEST-sightline.xml').text.contains('failures="0"')
