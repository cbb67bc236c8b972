using System.Text.Json;
using Pipeline.Local.EventGrid;

namespace Pipeline.Tests.EventGrid;

public sealed class FilterTests
{
    private const string Event = """
        {
          "specversion": "1.0", "id": "1", "source": "/s", "type": "com.contoso.placed.v1", "subject": "Orders/o-1", "correlationid": "C-7",
          "sequence": 12, "nothing": null, "data": { "total": 12.5, "paid": true, "tags": ["a"], "empty": null, "city": "Berlin" }
        }
        """;

    [Theory]
    [InlineData("""{ "types": ["com.contoso.placed.v1"] }""", true)]
    [InlineData("""{ "types": ["com.contoso.placed"] }""", false)]
    [InlineData("""{ "types": ["com.contoso.other.v1", "com.contoso.placed.v1"] }""", true)]
    [InlineData("""{ "subjectBeginsWith": "orders/" }""", true)]
    [InlineData("""{ "subjectBeginsWith": "o-1" }""", false)]
    [InlineData("""{ "subjectEndsWith": "O-1" }""", true)]
    [InlineData("""{ "subjectEndsWith": "o-2" }""", false)]
    [InlineData("""{ "types": ["com.contoso.placed.v1"], "subjectEndsWith": "o-2" }""", false)]
    public void Types_and_subject(string settings, bool matches) => Assert.Equal(matches, Matches(settings));

    [Theory]
    [InlineData("correlationid", "StringIn", """["x", "c-7"]""", true)]
    [InlineData("correlationid", "StringIn", """["x"]""", false)]
    [InlineData("missing", "StringIn", """["x"]""", false)]
    [InlineData("correlationid", "StringNotIn", """["c-7"]""", false)]
    [InlineData("correlationid", "StringNotIn", """["x"]""", true)]
    [InlineData("missing", "StringNotIn", """["x"]""", true)]
    [InlineData("data.city", "StringBeginsWith", """["ber"]""", true)]
    [InlineData("data.city", "StringEndsWith", """["LIN"]""", true)]
    [InlineData("data.city", "StringContains", """["rli"]""", true)]
    [InlineData("data.city", "StringContains", """["rlx"]""", false)]
    [InlineData("data.total", "NumberIn", "[1, 12.5]", true)]
    [InlineData("data.city", "NumberIn", "[1]", false)]
    [InlineData("data.total", "NumberGreaterThan", "12.5", false)]
    [InlineData("data.total", "NumberGreaterThanOrEquals", "12.5", true)]
    [InlineData("sequence", "NumberLessThan", "12", false)]
    [InlineData("sequence", "NumberLessThanOrEquals", "12", true)]
    [InlineData("data.paid", "BoolEquals", "true", true)]
    [InlineData("data.paid", "BoolEquals", "false", false)]
    [InlineData("data.missing", "BoolEquals", "false", false)]
    [InlineData("data.empty", "IsNullOrUndefined", null, true)]
    [InlineData("nothing", "IsNullOrUndefined", null, true)]
    [InlineData("data.city", "IsNullOrUndefined", null, false)]
    [InlineData("data.city", "IsNotNull", null, true)]
    [InlineData("data.missing", "IsNotNull", null, false)]
    [InlineData("data.tags", "StringIn", """["a"]""", false)]
    [InlineData("city", "StringIn", """["Berlin"]""", false)]
    public void Advanced_filters(string key, string operatorType, string? value, bool matches) =>
        Assert.Equal(matches, Matches($$"""{ "advancedFilters": [ {{Filter(key, operatorType, value)}} ] }"""));

    [Fact]
    public void All_advanced_filters_have_to_match()
    {
        var yes = Filter("correlationid", "StringIn", """["c-7"]""");
        var no = Filter("correlationid", "StringIn", """["c-8"]""");
        Assert.True(Matches($$"""{ "advancedFilters": [ {{yes}}, {{yes}} ] }"""));
        Assert.False(Matches($$"""{ "advancedFilters": [ {{yes}}, {{no}} ] }"""));
    }

    [Theory]
    [InlineData("a.b.c", "StringIn", """["x"]""", "dots")]
    [InlineData("data.a.b", "StringIn", """["x"]""", "dots")]
    [InlineData("data", "StringIn", """["x"]""", "data.NAME")]
    [InlineData("a", "StringLike", """["x"]""", "StringLike")]
    [InlineData("a", "StringIn", "[]", "1 to 25")]
    [InlineData("a", "StringIn", "[1]", "filter on 'a'")]
    [InlineData("a", "NumberIn", """["1"]""", "filter on 'a'")]
    [InlineData("a", "NumberLessThan", "[1]", "wrong JSON type")]
    [InlineData("a", "BoolEquals", "1", "filter on 'a'")]
    [InlineData("a", "IsNotNull", "1", "neither")]
    public void Filter_that_is_not_offered_is_refused(string key, string operatorType, string? value, string expected)
    {
        var error = Assert.Throws<InvalidDataException>(() => Matches($$"""{ "advancedFilters": [ {{Filter(key, operatorType, value)}} ] }"""));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Limits_are_25_filters_and_25_values()
    {
        static string Values(int count) => JsonSerializer.Serialize(Enumerable.Range(0, count).Select(i => Invariant($"{i}")));
        string Filters(int count, int values) =>
            $$"""{ "advancedFilters": [ {{string.Join(',', Enumerable.Repeat(Filter("correlationid", "StringNotIn", Values(values)), count))}} ] }""";
        Assert.True(Matches(Filters(25, 25)));
        Assert.Throws<InvalidDataException>(() => Matches(Filters(26, 1)));
        Assert.Throws<InvalidDataException>(() => Matches(Filters(1, 26)));
    }

    [Theory]
    [InlineData("""[ { "name": "abc", "function": "f", "batch": true } ]""", "batch")]
    [InlineData("""[ { "name": "abc" } ]""", "either 'function' or 'endpointSetting'")]
    [InlineData("""[ { "name": "abc", "function": "f", "endpointSetting": "E" } ]""", "either 'function' or 'endpointSetting'")]
    [InlineData("""[ { "name": "a", "function": "f" } ]""", "no name")]
    [InlineData("""[ { "name": "abc", "function": "f" }, { "name": "ABC", "function": "f" } ]""", "twice")]
    [InlineData("""[ { "name": "abc", "function": "f", "types": [] } ]""", "'types' is empty")]
    [InlineData("""[ { "name": "abc", "function": "f", "maxDeliveryAttempts": 31 } ]""", "maxDeliveryAttempts")]
    [InlineData("""[ { "name": "abc", "function": "f", "eventTimeToLive": "P2D" } ]""", "eventTimeToLive")]
    [InlineData("""[ { "name": "abc", "function": "f", "advancedFilters": [ { "key": "a", "operatorType": "Like" } ] } ]""", "Like")]
    [InlineData("""[ { "name": "abc", "endpointSetting": "Hook" } ]""", "setting Hook")]
    public void Topology_that_cannot_be_offered_is_refused(string subscriptions, string expected)
    {
        var error = Assert.Throws<InvalidDataException>(() => LocalTopic.Create(subscriptions: subscriptions, settings: _ => "ftp://host"));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    private static string Filter(string key, string operatorType, string? value)
    {
        var content = value is null ? "" : operatorType.EndsWith("In", StringComparison.Ordinal) || operatorType.StartsWith("String", StringComparison.Ordinal)
            ? $", \"values\": {value}"
            : $", \"value\": {value}";
        return $$"""{ "key": "{{key}}", "operatorType": "{{operatorType}}"{{content}} }""";
    }

    private static bool Matches(string settings)
    {
        var json = settings.TrimEnd()[..^1] + """, "endpoint": "http://h/" }""";
        var filter = EventFilter.Create("test", JsonSerializer.Deserialize<WebhookSubscription>(json, EventGridTopology.Json)!);
        return filter.Matches("com.contoso.placed.v1", "Orders/o-1", JsonDocument.Parse(Event).RootElement);
    }
}
