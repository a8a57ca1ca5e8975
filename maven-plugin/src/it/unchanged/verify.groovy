def log = new File(basedir, 'build.log').text
def runs = log.split('BUILD SUCCESS')
assert runs.length == 3
assert !runs[0].contains('unchanged since the last run')
assert runs[1].contains('unchanged since the last run')
assert runs[1].contains('PASS  ') // the answer is told again
def seconds = (runs[2] =~ /Total time: +([0-9.]+) s/)[0][1] as double
assert seconds < 2 : "$seconds s for a model that has not changed"
