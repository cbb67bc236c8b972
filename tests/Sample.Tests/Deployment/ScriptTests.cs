using System.Text.RegularExpressions;

namespace Pipeline.Tests.Deployment;

/// <summary>The scripts of the deployment, run with a compiler that is there and an Azure CLI that only writes down what it is asked.</summary>
public sealed class ScriptTests : IDisposable
{
    private readonly BicepFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("output a string = 'x'\n", true, "")]
    [InlineData("resource a 'Microsoft.ServiceBus/namespaces@2024-01-01' = {\n  name: 'abcdef'\n  location: 'x'\n  properties: {\n    geoDataReplication: {}\n  }\n}\n", false, "BCP037")]
    [InlineData("output a   string = 'x'\n", false, "Not formatted")]
    public async Task The_check_takes_what_is_in_order_and_refuses_warnings_and_what_is_not_formatted(string text, bool inOrder, string told)
    {
        if (OperatingSystem.IsWindows())
            return;
        // One small template instead of all: the other tests compile those.
        foreach (var name in BicepSources.All.Keys)
            File.Delete(_folder.PathOf(name));
        _folder.Write("modules/one.bicep", text);
        _folder.Write("one.bicep", "output b string = 'y'\n");
        _folder.Write("one.bicepparam", "using 'one.bicep'\n");
        var (code, said) = await RunAsync("check.sh", ("BICEP", BicepFolder.Compiler));
        Assert.True(inOrder == (code == 0), said);
        Assert.Contains(told, said, StringComparison.Ordinal);
        if (inOrder)
            Assert.Empty(said);
    }

    [Fact]
    public async Task The_check_refuses_a_parameter_file_that_gives_too_little()
    {
        if (OperatingSystem.IsWindows())
            return;
        foreach (var name in BicepSources.All.Keys)
            File.Delete(_folder.PathOf(name));
        _folder.Write("modules/one.bicep", "output a string = 'x'\n");
        _folder.Write("one.bicep", "param b string\n\noutput c string = b\n");
        _folder.Write("one.bicepparam", "using 'one.bicep'\n");
        var (code, said) = await RunAsync("check.sh", ("BICEP", BicepFolder.Compiler));
        Assert.NotEqual(0, code);
        Assert.Contains("BCP258", said, StringComparison.Ordinal);
    }

    /// <summary>Otherwise the deployment is compiled by another version than the tests.</summary>
    [Fact]
    public async Task The_azure_cli_gets_the_compiler_of_the_tests_and_not_one_that_happens_to_be_there()
    {
        if (OperatingSystem.IsWindows())
            return;
        _folder.Write("../Directory.Packages.props", Repository.Text("Directory.Packages.props"));
        var version = Regex.Match(Repository.Text("Directory.Packages.props"), "<BicepVersion>(?<version>[^<]+)<").Groups["version"].Value;
        Assert.Equal([$"bicep install --version v{version} AZURE_BICEP_USE_BINARY_FROM_PATH=false"], await AskedAsync("install-compiler.sh", "AZURE_BICEP_USE_BINARY_FROM_PATH"));
        if (BicepFolder.Compiler.Contains("azure.bicep.commandline", StringComparison.Ordinal))
            Assert.Contains($"{Path.DirectorySeparatorChar}{version}{Path.DirectorySeparatorChar}", BicepFolder.Compiler, StringComparison.Ordinal);
    }

    /// <summary>Azure registers what a template makes by itself, but not what a subnet is delegated to.</summary>
    [Fact]
    public async Task Every_provider_that_a_subnet_is_delegated_to_is_registered()
    {
        if (OperatingSystem.IsWindows())
            return;
        var prod = await Infrastructure.ProdAsync();
        var delegated = prod.Of("Microsoft.Network/virtualNetworks").SelectMany(n => n.List("properties.subnets"))
            .SelectMany(s => s.GetProperty("properties").TryGetProperty("delegations", out var delegations) ? delegations.EnumerateArray() : [])
            .Select(d => d.GetProperty("properties").GetProperty("serviceName").GetString()!.Split('/')[0]).ToHashSet();
        Assert.Contains("Microsoft.App", delegated);
        delegated.ExceptWith(prod.Resources.Select(r => r.Type.Split('/')[0]));
        Assert.Equal(delegated.Select(provider => $"provider register --namespace {provider} --wait"), await AskedAsync("before-deploy.sh"));
        Assert.Equal(
            delegated.Select(provider => $"provider register --namespace {provider} --wait --subscription s-1"), await AskedAsync("before-deploy.sh", "", ("AZURE_SUBSCRIPTION_ID", "s-1")));
        Assert.All(delegated, provider => Assert.Contains($"`{provider}`", Repository.Text("docs/operations/azure.md"), StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_provider_that_cannot_be_registered_ends_the_script()
    {
        if (OperatingSystem.IsWindows())
            return;
        WriteAz("exit 3");
        Assert.Equal(3, (await RunAsync("before-deploy.sh")).Code);
    }

    [Fact]
    public async Task Stage_2_is_deployed_with_its_parameter_file_and_no_address_is_in_a_command_line()
    {
        if (OperatingSystem.IsWindows())
            return;
        var asked = await AskedAsync("after-deploy.sh", "WEBHOOK_ENDPOINTS", [.. Infrastructure.Stage1Outputs, ("AZURE_RESOURCE_GROUP", "rg"), ("WEBHOOK_ENDPOINTS", "secret")]);
        Assert.EndsWith(
            "deployment group create --resource-group rg --name pipeline-subscriptions --template-file subscriptions.bicep --parameters subscriptions.bicepparam --output none WEBHOOK_ENDPOINTS=secret",
            asked[^1], StringComparison.Ordinal);
        Assert.All(asked, line => Assert.Equal(2, line.Split("secret").Length));
    }

    /// <summary>What a pipe's first command says of a failure is lost unless the shell is told to look.</summary>
    [Theory]
    [InlineData(".ci/run")]
    [InlineData("infra-bicep/check.sh")]
    [InlineData("infra-bicep/install-compiler.sh")]
    [InlineData("infra-bicep/before-deploy.sh")]
    [InlineData("infra-bicep/after-deploy.sh")]
    public void Scripts_end_with_a_failure_of_any_command_of_a_pipe_and_can_be_run(string script)
    {
        Assert.Matches(@"\A#!/usr/bin/env bash\n(#.*\n)+set -e?uo pipefail\n", Repository.Text(script));
        if (!OperatingSystem.IsWindows())
            Assert.True(File.GetUnixFileMode(Repository.PathOf(script)).HasFlag(UnixFileMode.UserExecute));
    }

    [Fact]
    public void Every_script_of_the_deployment_is_among_those() =>
        Assert.Equal(
            ["after-deploy.sh", "before-deploy.sh", "check.sh", "install-compiler.sh"],
            Directory.GetFiles(Repository.PathOf("infra-bicep"), "*.sh").Select(path => Path.GetFileName(path)).Order());

    /// <summary>What a script asks the Azure CLI for, each with the value of a variable as it is then.</summary>
    private async Task<string[]> AskedAsync(string script, string variable = "", params (string Name, string Value)[] environment)
    {
        var log = _folder.PathOf("../asked");
        File.Delete(log);
        WriteAz($"echo \"$*{(variable.Length > 0 ? $" {variable}=${variable}" : "")}\" >> '{log}'");
        var (code, said) = await RunAsync(script, environment);
        Assert.True(code == 0, said);
        return await File.ReadAllLinesAsync(log);
    }

    private void WriteAz(string script)
    {
        Directory.CreateDirectory(_folder.PathOf("../bin"));
        _folder.Write("../bin/az", $"#!/bin/sh\n{script}\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(_folder.PathOf("../bin/az"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private Task<(int Code, string Said)> RunAsync(string script, params (string Name, string Value)[] environment)
    {
        var variables = BicepSources.Variables.Append("AZURE_SUBSCRIPTION_ID").Append("BICEP").ToDictionary(name => name, _ => (string?)null);
        variables["PATH"] = _folder.PathOf("../bin") + Path.PathSeparator + Environment.GetEnvironmentVariable("PATH");
        foreach (var (name, value) in environment)
            variables[name] = value;
        return Programs.RunAsync("bash", [_folder.PathOf(script)], _folder.PathOf(".."), variables);
    }
}
