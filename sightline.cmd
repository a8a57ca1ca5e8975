@echo off
rem Starts sightline on Windows from the unpacked zip: finds a Java 25 or newer and runs.
setlocal EnableExtensions DisableDelayedExpansion
set "SIGHTLINE_JAR="
for %%J in ("%~dp0lib\sightline-cli-*.jar") do set "SIGHTLINE_JAR=%%~fJ"
if not defined SIGHTLINE_JAR (
  echo sightline: there is no lib\sightline-cli-*.jar beside "%~f0"; build the zip with 'mvn -Pdist -DskipTests -pl dist -am package' and unpack it. 1>&2
  exit /b 2
)

set "SIGHTLINE_JAVA="
if defined JAVA_HOME set "SIGHTLINE_JAVA=%JAVA_HOME%\bin\java.exe"
if not defined SIGHTLINE_JAVA for %%J in (java.exe) do set "SIGHTLINE_JAVA=%%~$PATH:J"
if not defined SIGHTLINE_JAVA (
  echo sightline: a Java 25 or newer is needed, and none was found; install one or set JAVA_HOME to it. 1>&2
  exit /b 2
)
for %%J in ("%SIGHTLINE_JAVA%") do set "SIGHTLINE_RELEASE=%%~dpJ..\release"
findstr /r /c:"^JAVA_VERSION=.2[5-9]" /c:"^JAVA_VERSION=.[3-9][0-9]" "%SIGHTLINE_RELEASE%" >nul 2>nul
if errorlevel 1 (
  echo sightline: a Java 25 or newer is needed, and "%SIGHTLINE_JAVA%" is none; set JAVA_HOME to one. 1>&2
  exit /b 2
)

rem ONNX Runtime collects telemetry about the process unless told not to.
set "ORT_DISABLE_TELEMETRY=1"
rem The serial collector starts fastest; attention is computed with the Vector API, in these commands.
set "SIGHTLINE_OPTIONS=-XX:+UseSerialGC --enable-native-access=ALL-UNNAMED"
for %%C in (attend conformance doctor walkthrough) do if "%~1"=="%%C" set "SIGHTLINE_OPTIONS=%SIGHTLINE_OPTIONS% --add-modules jdk.incubator.vector"
"%SIGHTLINE_JAVA%" %SIGHTLINE_OPTIONS% -cp "%SIGHTLINE_JAR%" dev.sightline.cli.Sightline %*
exit /b %ERRORLEVEL%
