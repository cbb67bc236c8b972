using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Pipeline.Diagnostics;

namespace Pipeline.Tests.Deployment;

/// <summary>Alerts and the workbook stand on metrics that the code emits.</summary>
public sealed class AlertTests
{
    private static readonly HashSet<string> Emitted = ReadEmitted();

    [Fact]
    public void Every_alert_names_a_metric_that_the_code_emits_with_its_dimension()
    {
        var alerts = Repository.Json("infra-bicep/alerts.json").EnumerateArray().ToList();
        Assert.True(alerts.Count >= 8);
        Assert.Equal(alerts.Count, alerts.Select(a => a.GetProperty("name").GetString()).Distinct().Count());
        var telemetry = Repository.Text("src/Pipeline/Diagnostics/Telemetry.cs");
        foreach (var alert in alerts)
        {
            var metric = alert.GetProperty("metric").GetString()!;
            var dimension = alert.GetProperty("dimension").GetString()!;
            Assert.Contains(metric, Emitted);
            var field = Regex.Match(telemetry, $@"(?<field>\w+) =\s+Meter\.Create\w+<\w+>\(""{Regex.Escape(metric)}""").Groups["field"].Value;
            Assert.True(
                Repository.Sources("src/Pipeline").Values.Any(source => Regex.IsMatch(source, $@"\b{field}\b[^;]*\)?\s*\.(Add|Record)\(") && source.Contains($"\"{dimension}\"", StringComparison.Ordinal))
                || Regex.IsMatch(telemetry, $@"{field}[^;]*\.Add\([^;]*""{dimension}"""),
                $"Nothing records {metric} with '{dimension}'.");
            Assert.InRange(alert.GetProperty("severity").GetInt32(), 0, 4);
            Assert.Contains(alert.GetProperty("aggregation").GetString(), new[] { "Maximum", "Total", "Count" });
            Assert.Contains(alert.GetProperty("operator").GetString(), new[] { "GreaterThan", "LessThan" });
            Assert.Contains(alert.GetProperty("window").GetString(), new[] { "PT5M", "PT10M", "PT15M" });
        }
    }

    /// <summary>The functions on the dead-letter queues empty them, so nobody would see these otherwise.</summary>
    [Theory]
    [InlineData("pipeline.dead_letters.open")]
    [InlineData("pipeline.subjects.blocked")]
    [InlineData("pipeline.subjects.oldest_blocked.age")]
    [InlineData("pipeline.gateways.opened")]
    [InlineData("pipeline.outbox.quarantined.open")]
    [InlineData("pipeline.outbox.oldest_unpublished.age")]
    [InlineData("pipeline.sweep.partitions")]
    [InlineData("pipeline.webhooks.failed")]
    public void What_stands_still_alerts(string metric) =>
        Assert.Contains(Repository.Json("infra-bicep/alerts.json").EnumerateArray(), a => a.GetProperty("metric").GetString() == metric);

    /// <summary>A gauge has no sum, and a count no greatest value that means anything.</summary>
    [Fact]
    public void Alerts_aggregate_as_the_kind_of_their_metric_wants_it()
    {
        var telemetry = Repository.Text("src/Pipeline/Diagnostics/Telemetry.cs");
        foreach (var alert in Repository.Json("infra-bicep/alerts.json").EnumerateArray().Where(a => a.GetProperty("aggregation").GetString() != "Count"))
        {
            var kind = Regex.Match(telemetry, $@"Meter\.Create(?<kind>\w+)<\w+>\(""{Regex.Escape(alert.GetProperty("metric").GetString()!)}""").Groups["kind"].Value;
            Assert.Equal(kind == "Counter" ? "Total" : "Maximum", alert.GetProperty("aggregation").GetString());
        }
    }

    [Fact]
    public void The_workbook_shows_every_metric_that_the_code_emits_and_no_other()
    {
        var shown = Regex.Matches(Repository.Text("infra-bicep/workbook.json"), @"pipeline\.[a-z_.]+").Select(m => m.Value.TrimEnd('.')).ToHashSet();
        Assert.True(shown.Count >= 10);
        Assert.Equal(Emitted.Order(), shown.Order());
        Assert.All(
            Repository.Json("infra-bicep/alerts.json").EnumerateArray(),
            alert => Assert.Contains(alert.GetProperty("metric").GetString()!, shown));
    }

    [Fact]
    public void Every_metric_has_an_alert_or_a_reason_why_not()
    {
        var alerts = Repository.Json("infra-bicep/alerts.json").EnumerateArray().Select(a => a.GetProperty("metric").GetString()!).ToHashSet();
        var guide = Repository.Text("docs/operations/azure.md");
        var reasons = guide[guide.IndexOf("**Without an alert**", StringComparison.Ordinal)..guide.IndexOf("## Cost", StringComparison.Ordinal)];
        var reasoned = Regex.Matches(reasons, "`(?<name>pipeline\\.[a-z_.]+)`").Select(m => m.Groups["name"].Value).ToHashSet();
        Assert.Equal(Emitted.Order(), alerts.Concat(reasoned).Distinct().Order());
        Assert.Empty(alerts.Intersect(reasoned));
    }

    [Fact]
    public async Task Every_alert_and_the_workbook_are_deployed_as_they_are_written()
    {
        foreach (var snapshot in await Infrastructure.BothAsync())
        {
            var rules = snapshot.Of("Microsoft.Insights/scheduledQueryRules");
            var alerts = Repository.Json("infra-bicep/alerts.json").EnumerateArray().ToList();
            Assert.Equal(alerts.Select(a => a.GetProperty("title").GetString()), rules.Select(r => r["properties.displayName"]));
            foreach (var (alert, rule) in alerts.Zip(rules))
            {
                var criterion = Assert.Single(rule.List("properties.criteria.allOf"));
                Assert.Equal(alert.GetProperty("window").GetString(), rule["properties.windowSize"]);
                Assert.Equal(alert.GetProperty("severity").GetRawText(), rule["properties.severity"]);
                Assert.Equal(alert.GetProperty("threshold").GetRawText(), criterion.GetProperty("threshold").GetRawText());
                Assert.Equal(alert.GetProperty("operator").GetString(), criterion.GetProperty("operator").GetString());
                Assert.Equal(alert.GetProperty("aggregation").GetString(), criterion.GetProperty("timeAggregation").GetString());
                Assert.Contains($"Name == \"{alert.GetProperty("metric").GetString()}\"", criterion.GetProperty("query").GetString(), StringComparison.Ordinal);
                Assert.Contains($"Properties[\"{alert.GetProperty("dimension").GetString()}\"]", criterion.GetProperty("query").GetString(), StringComparison.Ordinal);
                Assert.Equal([snapshot.The("Microsoft.Insights/actionGroups").Id], rule.List("properties.actions.actionGroups").Select(a => a.GetString()));
            }

            Assert.Equal(Repository.Text("infra-bicep/workbook.json"), snapshot.The("Microsoft.Insights/workbooks")["properties.serializedData"]);
            Assert.Equal("operators@example.com", Assert.Single(snapshot.The("Microsoft.Insights/actionGroups").List("properties.emailReceivers")).GetProperty("emailAddress").GetString());
        }
    }

    /// <summary>An alert on a resource of another kind than its metric never goes off.</summary>
    [Fact]
    public async Task Alerts_on_the_metrics_of_Azure_look_at_a_resource_of_their_kind()
    {
        foreach (var snapshot in await Infrastructure.BothAsync())
        {
            foreach (var rule in snapshot.Of("Microsoft.Insights/metricAlerts"))
            {
                var watched = Assert.Single(rule.List("properties.scopes")).GetString();
                Assert.Equal(
                    Assert.Single(snapshot.Resources, r => r.Id == watched).Type,
                    Assert.Single(rule.List("properties.criteria.allOf")).GetProperty("metricNamespace").GetString());
            }
        }
    }

    private static HashSet<string> ReadEmitted()
    {
        RuntimeHelpers.RunClassConstructor(typeof(Telemetry).TypeHandle);
        var names = new HashSet<string>(StringComparer.Ordinal);
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                if (instrument.Meter.Name == Telemetry.Name)
                    names.Add(instrument.Name);
            },
        };
        listener.Start();
        return names;
    }
}
