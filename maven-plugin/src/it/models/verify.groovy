def runs = new File(basedir, 'build.log').text.split('Reactor Summary')
assert runs.length == 3
def first = runs[0]
assert first.contains('PASS  ')
assert first =~ /cause   input_ids \d+ attends to input_ids \d+ in attention 1/
assert first.contains('mask    layers 0, 2: padding; layer 1: full')
assert first.contains('lines of a baseline that accepts this:')
assert first.contains('accepted by the baseline: declared-inside: FAIL; ')
assert first.contains('REPAIRED  ')
assert !first.contains('unchanged since the last run')

def report = { module, file -> new File(basedir, module + '/target/sightline/' + file) }
for (file in [report('good', 'report.html'), report('broken', 'report.html'), report('repaired', 'after/report.html')]) {
  assert file.length() > 10000
}
assert report('good', 'report.json').text.contains('"outcome" : "PASS"')
assert report('good', 'TEST-sightline.xml').text.contains('failures="0"')
assert report('broken', 'report.json').text.contains('"outcome" : "FAIL"')
assert report('repaired', 'repaired.onnx').length() > 10000

// Nothing changed: no audit, the same answers, and less than 2 s for each.
def second = runs[1].substring(runs[1].indexOf('[INFO] Scanning for projects'))
assert second.count('unchanged since the last run') == 4
assert second.contains('PASS  ') && second.contains('REPAIRED  ') && second.contains('accepted by the baseline')
for (line in runs[2].readLines().findAll { it =~ /(SUCCESS|FAILURE) \[/ }) {
  def seconds = (line =~ /\[ *([0-9.]+) s\]/)[0][1] as double
  assert seconds < 2 : line
}
for (summary in [runs[1], runs[2]]) {
  for (module in ['good', 'accepted', 'repaired']) {
    assert summary =~ /$module \.+ SUCCESS/
  }
  for (module in ['broken', 'misspelt']) {
    assert summary =~ /$module \.+ FAILURE/
  }
  assert summary =~ /Failed to execute goal .*:audit .*on project broken: FAIL {2}.*model.onnx: attention is not the declared mask; see /
  assert summary =~ /on project misspelt: there is no model '.*modle.onnx'; expected a .onnx file, a folder or a .jar with one/
}
