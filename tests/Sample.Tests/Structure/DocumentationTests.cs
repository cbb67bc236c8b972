using System.Diagnostics.Metrics;
using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Pipeline.AzureFunctions.Configuration;
using Pipeline.AzureFunctions.Webhooks;
using Pipeline.Consumers;
using Pipeline.Diagnostics;
using Pipeline.Functions;
using Pipeline.Outbox;
using Pipeline.Payloads;
using Pipeline.Tests.Deployment;

namespace Pipeline.Tests.Structure;

/// <summary>The documentation agrees with the code, and its links resolve.</summary>
public sealed class DocumentationTests
{
    private static IReadOnlyList<string> Pages { get; } =
        [.. Directory.EnumerateFiles(Repository.PathOf("docs"), "*.md", SearchOption.AllDirectories), Repository.PathOf("README.md")];

    [Fact]
    public void Every_relative_link_resolves_with_its_anchor()
    {
        var broken = new List<string>();
        var links = 0;
        foreach (var page in Pages)
        {
            foreach (Match link in Regex.Matches(WithoutCode(File.ReadAllText(page)), @"\]\((?<target>[^)\s]+)\)"))
            {
                var target = link.Groups["target"].Value;
                if (target.Contains("://", StringComparison.Ordinal))
                    continue;
                links++;
                var parts = target.Split('#', 2);
                var path = parts[0].Length == 0 ? page : Path.GetFullPath(Path.Combine(Path.GetDirectoryName(page)!, parts[0]));
                if (!File.Exists(path) && !Directory.Exists(path))
                    broken.Add($"{Path.GetRelativePath(Repository.Root, page)}: {target} does not exist");
                else if (parts.Length == 2 && !AnchorsOf(path).Contains(parts[1]))
                    broken.Add($"{Path.GetRelativePath(Repository.Root, page)}: {target} has no such heading");
            }
        }

        Assert.True(links > 50);
        Assert.Empty(broken);
    }

    [Fact]
    public void Every_page_is_in_the_list_of_pages()
    {
        var list = Repository.Text("docs/README.md");
        var pages = Pages.Select(page => Path.GetRelativePath(Repository.PathOf("docs"), page).Replace('\\', '/'))
            .Where(page => page is not ("README.md" or "../README.md") && !page.StartsWith("adr/", StringComparison.Ordinal));
        Assert.All(pages, page => Assert.Contains($"]({page})", list, StringComparison.Ordinal));
    }

    [Fact]
    public void The_page_of_settings_lists_those_of_the_app()
    {
        var page = Repository.Text("docs/reference/settings.md");
        var section = page[..page.IndexOf("## Options", StringComparison.Ordinal)];
        Assert.Equal(
            PipelineSettings.All.Concat(SampleSettings.All).Select(s => $"| `{s.Name}` | {s.Purpose} | `{s.Example}` | {PlaceOf(s.Place)} |"),
            section.Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal)));
        Assert.Equal(
            WebhookSources.SettingNames.Order(StringComparer.Ordinal),
            Regex.Matches(page, @"\| `Webhooks__\{source\}__(?<name>\w+)`").Select(m => m.Groups["name"].Value).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_page_of_settings_lists_every_option_with_its_default_and_range()
    {
        var rows = Repository.Text("docs/reference/settings.md").Split('\n').Where(line => line.StartsWith("| `Pipeline__", StringComparison.Ordinal))
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries)).Select(cells => (cells[1], cells[3], cells[4]));
        Assert.Equal(
            OptionSettings.Sections.SelectMany(s => s.Settings, (s, option) =>
                ($"`{s.SettingOf(option.Key)}`", string.Create(CultureInfo.InvariantCulture, $"`{option.Default}`"), option.Range)),
            rows);
    }

    /// <summary>One without a range could be anything, and would not be in the list.</summary>
    [Theory]
    [InlineData(typeof(ConsumerOptions), "Consumers")]
    [InlineData(typeof(RelayOptions), "Relay")]
    [InlineData(typeof(PayloadOptions), "Payloads")]
    [InlineData(typeof(GatewayBreakerOptions), "Breakers")]
    public void Every_option_has_a_range(Type type, string section)
    {
        var options = type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.CanWrite)
            .SelectMany(p => p.PropertyType == typeof(RetrySchedule) ? p.PropertyType.GetProperties(BindingFlags.Public | BindingFlags.Instance).Select(r => $"{p.Name}:{r.Name}") : [p.Name]);
        Assert.Equal(options.Order(StringComparer.Ordinal), OptionSettings.Sections.Single(s => s.Name == section).Settings.Select(o => o.Key).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_page_of_metrics_lists_those_that_the_code_emits()
    {
        RuntimeHelpers.RunClassConstructor(typeof(Telemetry).TypeHandle);
        var rows = new List<(string Name, string Row)>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                if (instrument.Meter.Name == Telemetry.Name)
                    rows.Add((instrument.Name, $"| `{instrument.Name}` | {KindOf(instrument)} | `{instrument.Unit}` | {instrument.Description} |"));
            },
        };
        listener.Start();
        Assert.True(rows.Count > 20);
        Assert.Equal(
            rows.OrderBy(r => r.Name, StringComparer.Ordinal).Select(r => r.Row),
            Repository.Text("docs/reference/metrics.md").Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal)));
    }

    [Fact]
    public void Every_term_of_the_glossary_names_a_type_of_the_code()
    {
        var glossary = Repository.Text("docs/reference/glossary.md");
        var named = Regex.Matches(glossary, @"^\| \*\*.*\| `(?<type>\w+)` \|$", RegexOptions.Multiline).Select(m => m.Groups["type"].Value).ToList();
        Assert.Equal(Regex.Count(glossary, @"^\| \*\*", RegexOptions.Multiline), named.Count);
        var types = new[] { typeof(Telemetry), typeof(PipelineSettings), typeof(Functions.SampleSettings), typeof(Pipeline.Client.ReplaySummary), typeof(Contracts.Contract), typeof(Consumers.Consumer), typeof(Services.Catalog) }
            .SelectMany(t => t.Assembly.GetTypes()).Select(t => t.Name.Split('`')[0]).ToHashSet(StringComparer.Ordinal);
        Assert.All(named, type => Assert.Contains(type, types));
    }

    /// <summary>Documentation, CLI, alerts and workbook; code keeps stored names.</summary>
    [Fact]
    public void Former_words_do_not_come_back()
    {
        var texts = Pages.Where(page => !page.Contains(Path.Combine("docs", "adr"), StringComparison.Ordinal)
                && !page.EndsWith("glossary.md", StringComparison.Ordinal) && page != Repository.PathOf("README.md"))
            .Concat(Repository.Sources("src/Pipeline.Cli").Keys.Select(Repository.PathOf))
            .Concat([Repository.PathOf("infra-bicep/alerts.json"), Repository.PathOf("infra-bicep/workbook.json")]);
        var found = texts.SelectMany(file => Regex.Matches(File.ReadAllText(file), @"(?<![\w-])(?:ledgers?|parked|intake|order-free)\b", RegexOptions.IgnoreCase)
            .Select(m => $"{Path.GetRelativePath(Repository.Root, file)}: {m.Value}"));
        Assert.Empty(found);
    }

    private static string PlaceOf(SettingPlace place) => place switch
    {
        SettingPlace.InAzure => "Azure",
        SettingPlace.OnMachine => "one machine",
        SettingPlace.InAzure | SettingPlace.OnMachine => "Azure, one machine",
        _ => "optional",
    };

    private static string KindOf(Instrument instrument) => instrument switch
    {
        Histogram<double> => "histogram",
        Counter<long> => "counter",
        _ => "gauge",
    };

    /// <summary>Links in code are not links.</summary>
    private static string WithoutCode(string markdown) =>
        Regex.Replace(Regex.Replace(markdown, "```.*?```", "", RegexOptions.Singleline), "`[^`\n]*`", "x");

    /// <summary>Anchors as GitHub makes them of headings.</summary>
    private static HashSet<string> AnchorsOf(string page)
    {
        var text = Regex.Replace(File.ReadAllText(page), "```.*?```", "", RegexOptions.Singleline);
        return Regex.Matches(text, "^#+ (?<heading>.*)$", RegexOptions.Multiline)
            .Select(m => Regex.Replace(m.Groups["heading"].Value.Trim().ToLower(CultureInfo.InvariantCulture), @"[^\w\- ]", "").Replace(' ', '-'))
            .ToHashSet(StringComparer.Ordinal);
    }
}
