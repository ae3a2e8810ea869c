@echo off
rem "Find alike" for Explorer: copy this file to %APPDATA%\Microsoft\Windows\SendTo; it is then in the menu "Send to" of a picture.
rem akin.exe must be in PATH.
akin search --top 50 --quiet --html "%TEMP%\akin-alike.html" -- "%~1" || (pause & exit /b 1)
start "" "%TEMP%\akin-alike.html"
