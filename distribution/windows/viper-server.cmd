@echo off
call "%~dp0viber.cmd" server %*
exit /b %ERRORLEVEL%
