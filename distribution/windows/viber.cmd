@echo off
rem Starts Viber on Windows: needs a JDK 25 or newer, by VIBER_JAVA_HOME, JAVA_HOME or java on the PATH.
setlocal
set "home=%~dp0.."
set "java=java"
if defined JAVA_HOME set "java=%JAVA_HOME%\bin\java.exe"
if defined VIBER_JAVA_HOME set "java=%VIBER_JAVA_HOME%\bin\java.exe"
"%java%" %VIBER_JAVA_OPTS% -XX:+UseSerialGC -XX:+UseCompactObjectHeaders -XX:TieredStopAtLevel=1 --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow "-Dviber.home=%home%" -cp "%home%\lib\*" dev.viber.cli.Main %*
exit /b %ERRORLEVEL%
