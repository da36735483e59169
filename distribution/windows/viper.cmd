@echo off
call "%~dp0viber.cmd" %*
exit /b %ERRORLEVEL%
