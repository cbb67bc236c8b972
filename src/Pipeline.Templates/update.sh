#!/usr/bin/env bash
# Writes the generated files of the template anew, after a change of the generator: makes an application of the template with the packages
# of what is built (Debug), generates in it, and copies the files back. TemplateTests says when this is needed.
set -euo pipefail
templates=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
version=0.0.0-update
packages=$(dotnet nuget locals global-packages --list | sed 's/^.*global-packages: *//')

dotnet pack "$templates/../../Packages.slnf" --no-build -c Debug -o "$work/feed" -p:MinVerSkip=true -p:PackageVersion=$version -v q
cat >"$work/nuget.config" <<CONFIG
<configuration>
  <packageSources><add key="of-this-build" value="$work/feed" /></packageSources>
  <fallbackPackageFolders><add key="machine" value="$packages" /></fallbackPackageFolders>
</configuration>
CONFIG
export NUGET_PACKAGES=$work/packages DOTNET_CLI_HOME=$work/home DOTNET_NOLOGO=1 DOTNET_GENERATE_ASPNET_CERTIFICATE=false

cd "$work"
dotnet new install "$work/feed/Pipeline.Templates.$version.nupkg" >/dev/null
# The names that stand in the template.
dotnet new pipeline --name Company.App-1 --prefix com.prefix >/dev/null
cd Company.App-1
dotnet tool restore >/dev/null
dotnet pipeline generate | sed -n 's/^written: //p' | while read -r file; do
  mkdir -p "$(dirname "$templates/content/pipeline/$file")"
  cp "$file" "$templates/content/pipeline/$file"
  echo "written: $file"
done
