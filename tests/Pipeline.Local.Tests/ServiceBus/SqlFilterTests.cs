using System.Collections.ObjectModel;
using Pipeline.Local.ServiceBus;

namespace Pipeline.Tests;

/// <summary>The grammar and semantics of Microsoft's page on SQL filters, sentence by sentence.</summary>
public sealed class SqlFilterTests
{
    private static readonly StoredMessage Message = new(
        BinaryData.FromString("body"),
        new ReadOnlyDictionary<string, object>(new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["color"] = "Blue",
            ["quantity"] = 10,
            ["price"] = 2.5,
            ["exact"] = 1.10m,
            ["rush"] = true,
            ["none"] = null!,
            ["percent"] = "50%_off",
            ["HR-Employee ID]"] = 7L,
            ["id"] = new Guid("11111111-2222-3333-4444-555555555555"),
            ["due"] = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc),
            ["sys"] = "own",
        }))
    {
        MessageId = "m1",
        Subject = "urgent",
        SessionId = "s1",
        To = "Store1",
    };

    [Theory]
    // Comparisons, in the types of C#.
    [InlineData("color = 'Blue'", true)]
    [InlineData("COLOR = 'Blue'", true)]
    [InlineData("color = 'blue'", false)]
    [InlineData("color <> 'blue' AND color != 'red'", true)]
    [InlineData("quantity = 10 AND quantity = 10.0 AND quantity >= 10 AND quantity <= 10", true)]
    [InlineData("quantity > 9.99 and quantity < 1.1E1", true)]
    [InlineData("quantity > 10 OR quantity < 10", false)]
    [InlineData("price = 0.25E1", true)]
    [InlineData("exact = 1.1", true)]
    [InlineData("rush = TRUE", true)]
    [InlineData("rush = false", false)]
    [InlineData("id = id", true)]
    // Scopes and names.
    [InlineData("sys.Label = 'urgent' AND sys.MessageId = 'm1' AND SYS.sessionid LIKE 's_'", true)]
    [InlineData("user.color = 'Blue' AND user.sys = 'own' AND sys = 'own'", true)]
    [InlineData("Label = 'urgent'", null)]
    [InlineData("[HR-Employee ID]]] = 7", true)]
    [InlineData("\"HR-Employee ID]\" = 7", true)]
    [InlineData("property('quantity') = 10 AND p('co' + 'lor') = 'Blue'", true)]
    // Unknown.
    [InlineData("missing = 1", null)]
    [InlineData("missing <> 1", null)]
    [InlineData("NOT missing = 1", null)]
    [InlineData("missing + 1 = 2", null)]
    [InlineData("-missing = 2", null)]
    [InlineData("missing LIKE '%'", null)]
    [InlineData("missing NOT IN (1, 2)", null)]
    [InlineData("missing = 1 AND 1 = 2", false)]
    [InlineData("missing = 1 OR 1 = 1", true)]
    [InlineData("missing = 1 OR 1 = 2", null)]
    [InlineData("missing = 1 AND 1 = 1", null)]
    [InlineData("missing IS NULL AND none IS NULL AND color IS NOT NULL", true)]
    [InlineData("EXISTS(color) AND EXISTS(none) AND NOT EXISTS(missing)", true)]
    [InlineData("EXISTS(sys.Label) AND NOT EXISTS(sys.ReplyTo) AND sys.ReplyTo IS NULL", true)]
    // Precedence.
    [InlineData("1 = 1 OR 1 = 1 AND 1 = 2", true)]
    [InlineData("(1 = 1 OR 1 = 1) AND 1 = 2", false)]
    [InlineData("NOT 1 = 2 AND 1 = 2", false)]
    [InlineData("NOT (1 = 2 AND 1 = 2)", true)]
    // Arithmetic.
    [InlineData("quantity * 2 + 1 = 21 AND quantity / 3 = 3 AND quantity % 3 = 1 AND -quantity = 0 - 10 AND +quantity = 10", true)]
    [InlineData("quantity / 4.0 = 2.5", true)]
    [InlineData("(quantity + 2) * 2 = 24", true)]
    [InlineData("10 - 3 - 2 = 5", true)]
    // IN and LIKE.
    [InlineData("quantity IN (1, 10.0, 100)", true)]
    [InlineData("sys.To NOT IN ('Store1', 'Store2')", false)]
    [InlineData("sys.To IN ('Store3')", false)]
    [InlineData("color LIKE 'B%' AND color LIKE '_lue' AND color LIKE '%lu%' AND color LIKE 'Blue'", true)]
    [InlineData("color LIKE 'b%'", false)]
    [InlineData("color NOT LIKE '%x%'", true)]
    [InlineData("percent LIKE '50\\%\\_off' ESCAPE '\\'", true)]
    [InlineData("color LIKE 'B\\%' ESCAPE '\\'", false)]
    [InlineData("percent LIKE '%\\%%' ESCAPE '\\'", true)]
    [InlineData("'it''s' = 'it''s' AND '' = ''", true)]
    [InlineData("newid() <> newid()", true)]
    public void Filter_is_true_false_or_unknown(string filter, bool? expected)
    {
        var value = SqlRuleParser.Filter(filter).Evaluate(Context());
        Assert.Equal(expected, value as bool?);
        Assert.True(expected is not null || ReferenceEquals(value, SqlValues.Unknown));
    }

    [Theory]
    [InlineData("color = 1", "String and Int64")]
    [InlineData("color > 1", "String and Int64")]
    [InlineData("rush + 1 = 2", "Boolean and Int64")]
    [InlineData("quantity LIKE '1%'", "Int32")]
    [InlineData("color LIKE 'x' ESCAPE 'xy'", "ESCAPE")]
    [InlineData("color LIKE 'Blue\\' ESCAPE '\\'", "escape character")]
    [InlineData("quantity / 0 = 1", "zero")]
    [InlineData("9223372036854775807 + quantity > 0", "overflow")]
    [InlineData("sys.Nonsense = 1", "sys.Nonsense")]
    [InlineData("sys.Nonsense IS NULL", "sys.Nonsense")]
    [InlineData("p(quantity) = 1", "property()")]
    public void What_cannot_be_evaluated_is_a_filter_exception(string filter, string named)
    {
        var error = Assert.Throws<FilterException>(() => SqlRuleParser.Filter(filter).Evaluate(Context()));
        Assert.Contains(named, error.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("")]
    [InlineData("color")]
    [InlineData("TRUE")]
    [InlineData("NOT color")]
    [InlineData("color = ")]
    [InlineData("color = 'x")]
    [InlineData("[color = 1")]
    [InlineData("color == 1")]
    [InlineData("(color = 1")]
    [InlineData("color = 1)")]
    [InlineData("color = 1 2")]
    [InlineData("color = (1 = 1)")]
    [InlineData("1 = 1 AND 5")]
    [InlineData("color IN ()")]
    [InlineData("color NOT = 1")]
    [InlineData("1 IS NULL")]
    [InlineData("EXISTS(1)")]
    [InlineData("set = 1")]
    [InlineData("other.color = 1")]
    [InlineData("[sys].Label = 'x'")]
    [InlineData("lower(color) = 'x'")]
    [InlineData("color = @p")]
    [InlineData("_color = 1")]
    [InlineData("quantity = 9223372036854775808")]
    [InlineData("quantity = 1.2.3")]
    [InlineData("color = 'x'; DROP")]
    public void What_is_no_filter_is_refused(string filter) => Assert.Throws<FormatException>(() => SqlRuleParser.Filter(filter));

    [Fact]
    public void Deep_nesting_is_read()
    {
        Assert.Equal(true, SqlRuleParser.Filter(new string('(', 500) + "1=1" + new string(')', 500)).Evaluate(Context()));
    }

    [Fact]
    public void Pattern_of_many_wildcards_takes_no_exponential_time() =>
        Assert.False(LikePattern.Matches(new string('a', 5000), string.Concat(Enumerable.Repeat("%a", 300)) + "%b", null));

    private static SqlContext Context()
    {
        var id = 0;
        return new SqlContext(Message, Message.Properties, () => new Guid(++id, 0, 0, new byte[8]));
    }
}
