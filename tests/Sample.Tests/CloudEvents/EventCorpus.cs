using static Pipeline.Tests.Webhooks.WebhookRequests;

namespace Pipeline.Tests;

/// <summary>Events of the carrier, legal and not, as they look in structured mode.</summary>
internal static class EventCorpus
{
    /// <summary>What CloudEvents itself allows or forbids: everybody has to say the same.</summary>
    /// <param name="now">Events that are too old are refused by their receivers, so times lie close to it.</param>
    public static IEnumerable<(string Json, bool IsLegal)> Envelopes(DateTimeOffset now)
    {
        var day = now.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var lastDay = now.ToString("yyyy-MM-", CultureInfo.InvariantCulture) + DateTime.DaysInMonth(now.Year, now.Month).ToString(CultureInfo.InvariantCulture);
        (string Member, bool IsLegal)[] members =
        [
            ($"\"time\":\"{day}T12:00:00Z\"", true),
            ($"\"time\":\"{day}t12:00:00z\"", true),
            ($"\"time\":\"{day}T12:00:00.12345678901234567890+23:59\"", true),
            ($"\"time\":\"{lastDay}T23:59:60Z\"", true),
            ($"\"time\":\"{day}T12:00:60Z\"", false),
            ($"\"time\":\"{day}\"", false),
            ($"\"time\":\"{day}T12:00:00\"", false),
            ($"\"time\":\"{day} 12:00:00Z\"", false),
            ($"\"time\":\"{day}T24:00:00Z\"", false),
            ($"\"time\":\"{day}T12:00:00+24:00\"", false),
            ("\"time\":7", false),
            ("\"time\":null", true),
            ("\"time\":\"\"", false),
            ("\"subject\":\"a \\ud83d\\ude00\"", true),
            ("\"subject\":\"\\ud83d\"", false),
            ("\"subject\":\"\\u0000\"", false),
            ("\"subject\":\"\\u007f\"", false),
            ("\"subject\":\"\\u0085\"", false),
            ("\"subject\":\"\\ufffe\"", false),
            ("\"subject\":\"\\ufdd0\"", false),
            ("\"subject\":\"\\ud83f\\udfff\"", false),
            ("\"subject\":\"\"", false),
            ("\"subject\":true", false),
            ($"\"subject\":\"{new string('s', 1024)}\"", true),
            ($"\"subject\":\"{new string('s', 1025)}\"", false),
            ("\"note\":\"\"", true),
            ("\"note\":true", true),
            ("\"note\":-2147483648", true),
            ("\"note\":2147483648", false),
            ("\"note\":1.5", false),
            ("\"note\":1e2", false),
            ("\"note\":{}", false),
            ("\"note\":[]", false),
            ("\"note\":\"\\u0007\"", false),
            ("\"Note\":1", false),
            ("\"no_te\":1", false),
            ("\"\":1", false),
            ("\"\\ud83d\":1", false),
            ("\"abcdefghijklmnopqrst\":1", true),
            ("\"abcdefghijklmnopqrstu\":1", false),
            ("\"note\":1,\"note\":2", false),
            ("\"id\":\"2\"", false),
            ("\"data\":null", false),
            ("\"data_base64\":\"e30=\"", false),
            ("\"datacontenttype\":\"application/json; charset=utf-8\"", true),
            ("\"datacontenttype\":\"application/vnd.carrier+json\"", true),
            ("\"datacontenttype\":\"nonsense\"", false),
            ("\"datacontenttype\":\"\"", false),
        ];
        yield return (Event(), true);
        foreach (var (member, isLegal) in members)
            yield return (Event(more: member), isLegal);
        foreach (var missing in (string[])["\"specversion\":\"1.0\",", "\"id\":\"1\",", "\"source\":\"https://carrier.example/depot\",", $"\"type\":\"{Delivered}\","])
            yield return (Event().Replace(missing, "", StringComparison.Ordinal), false);
        yield return (Event().Replace("\"1.0\"", "\"1.1\"", StringComparison.Ordinal), false);
        yield return (Event().Replace("\"1.0\"", "1.0", StringComparison.Ordinal), false);
        yield return (Event(id: ""), false);
        yield return (Event().Replace("https://carrier.example/depot", new string('s', 1025), StringComparison.Ordinal), false);
        yield return ("7", false);
        yield return (Event()[..^1], false);
        yield return (Data("\"\\ud83d\""), false);
        yield return (Data("{\"\\ud83d\":1}"), false);
        yield return (Data("{\"a\":1,\"a\":2}"), false);
        yield return (Data(Nested(60)), true);
        yield return (Data(Nested(62)), false);
        yield return (Event(more: "\"data_base64\":\"?\"").Replace(",\"data\":{", ",\"was\":{", StringComparison.Ordinal), false);
    }

    /// <summary>What only the contract forbids, of which the topic knows nothing.</summary>
    public static IEnumerable<(string Json, bool IsLegal)> Contents()
    {
        const string Good = "eyJvcmRlcklkIjoiby01IiwiZGVsaXZlcmVkQXQiOiIyMDI2LTAxLTMxVDEyOjAwOjAwWiJ9";
        yield return (InBase64(Good), true);
        yield return (InBase64(Convert.ToBase64String("""{"orderId":"o-1","orderId":"o-2"}"""u8)), false);
        yield return (InBase64(Convert.ToBase64String("""{"orderId":"\ud83d"}"""u8)), false);
        yield return (InBase64(Convert.ToBase64String([0xff])), false);
        yield return (Event(more: "\"datacontenttype\":\"text/xml\""), false);
        yield return (Event(more: "\"datacontenttype\":\"application/json; charset=utf-16\""), false);
        yield return (Event().Replace("\"o-1\"", "1e999", StringComparison.Ordinal), false);
        yield return (Event().Replace("\"o-1\"", "null", StringComparison.Ordinal), false);
        yield return (Event().Replace("2026-01-31T12:00:00Z", "2026-01-31", StringComparison.Ordinal), false);
        yield return (Event()[..Event().IndexOf(",\"data\"", StringComparison.Ordinal)] + "}", false);
    }

    private static string Nested(int depth) => new string('[', depth) + new string(']', depth);

    /// <summary>Beside what the contract knows: fields that it does not are passed over.</summary>
    private static string Data(string value) => Event().Replace("\"orderId\":", $"\"more\":{value},\"orderId\":", StringComparison.Ordinal);

    private static string InBase64(string text) =>
        $$"""{"specversion":"1.0","id":"5","source":"s","type":"{{Delivered}}","data_base64":"{{text}}"}""";
}
