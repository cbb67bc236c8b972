using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Pipeline.Contracts;

namespace Pipeline.Tests.ContractRules;

/// <summary>Every type and constraint that a contract can have, also those that no contract uses yet: schema and check agree.</summary>
public sealed class EverythingTests
{
    private const string Type = "com.contoso.tests.everything.v1";
    private static readonly Contract<Records.Everything> Contract = Records.Contract<Records.Everything>(Type);
    private static readonly string Schema = SchemaExport.Of(Contract.Json, RecordDocumentation.None).ToJsonString();

    private static readonly string Whole =
        """
        {"text":"ab","letters":"abc","pattern":"ab-1","word":"red","day":"2028-02-29","whole":5,"large":9007199254740991,"amount":1.5,"flag":true,
        "at":"2026-01-01T00:00:00Z","records":[{"id":"a"}],"numbers":[0,9],"inner":{"id":"b"},"requiredOrNull":null}
        """;

    public static TheoryData<string, string, string?> Cases => new()
    {
        { "text", "\"ab\"", null },
        { "text", "\"\ud83d\ude00\ud83d\ude00\ud83d\ude00\ud83d\ude00\"", null },
        { "text", "\"\ud83d\ude00\ud83d\ude00\ud83d\ude00\ud83d\ude00\ud83d\ude00\"", "$.text: has 5 characters; 2 to 4 are allowed" },
        { "text", "\"\ud83d\ude00\"", "$.text: has 1 characters; 2 to 4 are allowed" },
        { "text", "\"\"", "$.text: is empty" },
        { "text", "null", "$.text: is null" },
        { "text", "1", "$.text: is not a text" },
        { "letters", "\"abC\"", "$.letters: has the character 'C' at 2; only 'a-z' are allowed" },
        { "letters", "\"a\\n\"", "$.letters: has the character U+000A at 1; only 'a-z' are allowed" },
        { "pattern", "\"ab-1\\n\"", "$.pattern: does not look like ^[a-z]+-[0-9]$" },
        { "pattern", "\"ab-\u0661\"", "$.pattern: does not look like ^[a-z]+-[0-9]$" },
        { "word", "\"blue\"", "$.word: is none of red, green" },
        { "word", "\"RED\"", "$.word: is none of red, green" },
        { "day", "\"2027-02-29\"", "$.day: is no day such as 2026-12-31" },
        { "whole", "5.0", null },
        { "whole", "-0.5e1", null },
        { "whole", "6", "$.whole: 6 is not between -5 and 5" },
        { "whole", "1.5", "$.whole: is not a whole number that fits" },
        { "whole", "\"1\"", "$.whole: is not a whole number that fits" },
        { "whole", "1e99", "$.whole: is not a whole number that fits" },
        { "large", "9007199254740992", "$.large: 9007199254740992 is not between -9007199254740991 and 9007199254740991" },
        { "large", "1e15", null },
        { "large", "1e300", "$.large: is not a whole number that fits" },
        { "amount", "1.51", "$.amount: 1.51 is not between 0 and 1.5" },
        { "amount", "15e-1", null },
        { "amount", "1e400", "$.amount: has more digits than can be kept exactly (28)" },
        { "flag", "\"true\"", "$.flag: is not true or false" },
        { "at", "\"2026-01-01\"", "$.at: is not a time such as 2026-12-31T23:59:59Z" },
        { "at", "\"2026-01-01T00:00:00\"", "$.at: is not a time such as 2026-12-31T23:59:59Z" },
        { "records", "[]", null },
        { "records", "[null]", "$.records[0]: is null" },
        { "records", "[{\"id\":\"a\"},{\"id\":\"\"}]", "$.records[1].id: is empty" },
        { "records", "[{\"id\":\"a\"},{\"iD\":\"\"}]", "$.records[1].id: is missing" },
        { "records", "[{\"id\":\"a\"},{\"id\":\"b\"},{\"id\":\"c\"}]", "$.records: has 3 items; 0 to 2 are allowed" },
        { "records", "{}", "$.records: is not an array" },
        { "numbers", "[0,10]", "$.numbers[1]: 10 is not between 0 and 9" },
        { "numbers", "[null]", "$.numbers[0]: is not a whole number that fits" },
        { "numbers", "[]", "$.numbers: has 0 items; 1 to 3 are allowed" },
        { "inner", "{}", "$.inner.id: is missing" },
        { "inner", "{\"id\":null}", "$.inner.id: is null" },
        { "inner", "[]", "$.inner: is not an object" },
        { "inner", "{\"id\":\"b\",\"unknown\":{\"id\":7}}", null },
        { "requiredOrNull", "\"abcd\"", "$.requiredOrNull: has 4 characters; 1 to 3 are allowed" },
        { "requiredOrNull", "(missing)", "$.requiredOrNull: is missing" },
        { "optionalWord", "null", null },
        { "optionalWord", "\"left\"", "$.optionalWord: is none of up, down" },
        { "optionalNumber", "null", null },
        { "optionalNumber", "10", "$.optionalNumber: 10 is not between 0 and 9" },
        { "optionalTime", "null", null },
        { "optionalTime", "\"now\"", "$.optionalTime: is not a time such as 2026-12-31T23:59:59Z" },
        { "optionalInner", "null", null },
        { "optionalInner", "{\"id\":\"\"}", "$.optionalInner.id: is empty" },
        { "withDefault", "null", "$.withDefault: is not a whole number that fits" },
        { "withDefault", "(missing)", null },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_value_is_judged_as_the_schema_does_and_the_error_names_its_path(string field, string value, string? wrong)
    {
        var document = JsonNode.Parse(Whole)!.AsObject();
        if (value == "(missing)")
            document.Remove(field);
        else
            document[field] = JsonNode.Parse(value);
        var text = document.ToJsonString();

        Assert.Equal(wrong, Contract.TryRead(Encoding.UTF8.GetBytes(text), out var data));
        Assert.Equal(wrong is null, data is not null);
        var theirs = SchemaJudge.WhatIsWrongWith(Schema, text);
        Assert.True((wrong is null) == (theirs is null), theirs);
        if (data is not null)
            Assert.Null(SchemaJudge.WhatIsWrongWith(Schema, JsonSerializer.Serialize(data, Contract.Json)));
    }

    /// <summary>Not held against the other validator, which counts what readers see as one character: JSON Schema says characters of RFC 8259.</summary>
    [Theory]
    [InlineData("e\\u0301e\\u0301", null)]
    [InlineData("e\\u0301e\\u0301e", "$.text: has 5 characters; 2 to 4 are allowed")]
    public void Characters_that_combine_count_one_by_one(string text, string? wrong) =>
        Assert.Equal(wrong, Contract.TryRead(Encoding.UTF8.GetBytes(Whole.Replace("\"ab\"", $"\"{text}\"", StringComparison.Ordinal)), out _));

    /// <summary>At the producer no deserializer has looked: what C# lets through has to be found here.</summary>
    [Fact]
    public void A_record_that_was_made_in_code_is_judged_too()
    {
        Assert.Null(Contract.TryRead(Encoding.UTF8.GetBytes(Whole), out var data));
        var whole = (Records.Everything)data!;
        Assert.Null(Contract.WhatIsWrongWith(whole));
        Assert.Equal("$.text: is null", Contract.WhatIsWrongWith(whole with { Text = null! }));
        Assert.Equal("$.records: is null", Contract.WhatIsWrongWith(whole with { Records = null! }));
        Assert.Equal("$.records[1]: is null", Contract.WhatIsWrongWith(whole with { Records = [new("a"), null!] }));
        Assert.Equal("$.records[0].id: is empty", Contract.WhatIsWrongWith(whole with { Records = [.. new[] { "" }.Select(id => new Records.Small(id))] }));
        Assert.Equal("$.inner.id: has 11 characters; 1 to 10 are allowed", Contract.WhatIsWrongWith(whole with { Inner = new(new string('x', 11)) }));
    }

    [Theory]
    [InlineData("null", "$: is null, not an object")]
    [InlineData("[]", "$: is not an object")]
    [InlineData("", "$: cannot be read")]
    [InlineData("{", "$: cannot be read")]
    [InlineData("{} {}", "$")]
    public void What_is_no_object_is_told_in_words_of_json(string text, string wrong) =>
        Assert.StartsWith(wrong, Contract.TryRead(Encoding.UTF8.GetBytes(text), out _), StringComparison.Ordinal);

}
