@echo off
rem The tool of this clone: .\pipeline demo, .\pipeline --help. As in the script "pipeline" beside this file, for Windows.
setlocal
set "root=%~dp0"
set "tool=%root%src\Pipeline.Cli\bin\Debug\net10.0\Pipeline.Cli.dll"
set "began=%root%src\Pipeline.Cli\obj\pipeline.began"
set "ended=%root%src\Pipeline.Cli\obj\pipeline.ended"

where /q dotnet
if errorlevel 1 (
  echo This needs the .NET 10 SDK: https://dotnet.microsoft.com/download 1>&2
  exit /b 127
)

if not exist "%tool%" goto first
if not exist "%began%" goto changed
if not exist "%ended%" goto changed
powershell -NoProfile -NonInteractive -ExecutionPolicy Bypass -Command "$began = (Get-Item -LiteralPath $env:began).LastWriteTimeUtc; $ended = (Get-Item -LiteralPath $env:ended).LastWriteTimeUtc; Set-Location -LiteralPath $env:root; $newer = { param($item) if ($item.PSIsContainer) { $item.LastWriteTimeUtc -gt $ended } else { $item.LastWriteTimeUtc -gt $began } }; function Search($folder) { foreach ($item in Get-ChildItem -LiteralPath $folder -Force) { if ($item.PSIsContainer -and $item.Name -in 'bin', 'obj') { continue }; if (& $newer $item) { exit 1 }; if ($item.PSIsContainer) { Search $item.FullName } } }; foreach ($folder in 'src', 'contracts', 'services', 'functions') { Search $folder }; foreach ($item in Get-ChildItem -Path '*.json', 'Directory.*') { if (& $newer $item) { exit 1 } }; exit 0"
if errorlevel 1 goto changed
goto run

:first
echo Building the tool and the sample (a minute or two the first time) ... 1>&2
goto build

:changed
echo Building what has changed ... 1>&2

:build
setlocal
set DOTNET_NOLOGO=1
set DOTNET_CLI_TELEMETRY_OPTOUT=1
set DOTNET_GENERATE_ASPNET_CERTIFICATE=false
if not exist "%root%src\Pipeline.Cli\obj" mkdir "%root%src\Pipeline.Cli\obj"
type nul > "%began%.new"
dotnet msbuild "%root%src\Pipeline.Cli\Pipeline.Cli.csproj" -restore -m -nologo -v:q -tl:auto 1>&2
if errorlevel 1 exit /b 1
move /y "%began%.new" "%began%" > nul
type nul > "%ended%"
endlocal

:run
dotnet "%tool%" %*
exit /b %errorlevel%
