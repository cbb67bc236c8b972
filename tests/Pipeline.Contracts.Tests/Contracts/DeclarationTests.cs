using Pipeline.Contracts;

namespace Pipeline.Tests.ContractRules;

/// <summary>A contract that cannot be kept is refused where it is declared.</summary>
public sealed class DeclarationTests
{
    [Theory]
    [InlineData("parcel-sent")]
    [InlineData("com.contoso.post.parcel-sent")]
    [InlineData("com.contoso.post.parcel-sent.v0")]
    [InlineData("com.contoso.post.parcel-sent.v1.2")]
    [InlineData("com.contoso.Post.parcel-sent.v1")]
    [InlineData("com.contoso..parcel-sent.v1")]
    public void A_type_that_does_not_name_owner_and_version_is_refused(string type)
    {
        var wrong = Assert.Throws<ArgumentException>(() => Records.Contract<Records.Small>(type));
        Assert.Contains($"'{type}'", wrong.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("com.contoso.biling.Refunded", "'Refunded' is not in lower case, and it does not end with a version such as .v1.")]
    [InlineData("com.contoso.billing.refunded", "it does not end with a version such as .v1.")]
    [InlineData("com.contoso.billing.refunded.v0", "it does not end with a version such as .v1.")]
    [InlineData("com.contoso.re_funded.v1", "'re_funded' has other characters than lower-case letters, digits and hyphens.")]
    [InlineData("com.contoso..refunded.v1", "there is nothing between two dots, or before or behind one.")]
    [InlineData("billing.refunded.v1", "it has fewer than four parts.")]
    public void A_type_is_refused_with_the_rule_that_it_breaks(string type, string rule) =>
        Assert.StartsWith($"'{type}' is no type name: {rule} Write it as", Contract.TypeError(type), StringComparison.Ordinal);

    [Theory]
    [InlineData(typeof(Records.WithoutLimits), "'text'", "[Text]")]
    [InlineData(typeof(Records.NumberWithoutLimits), "'count'", "[Number]")]
    [InlineData(typeof(Records.ListWithoutLimits), "'items'", "[Items(min, max)]")]
    [InlineData(typeof(Records.WithDouble), "'number'", "cannot have: use for a number: decimal; else string, bool, int, long, decimal, DateTimeOffset, a record, or")]
    [InlineData(typeof(Records.WithDay), "'day'", "cannot have: use for a day: [Day] string; else string, bool,")]
    [InlineData(typeof(Records.WithDictionary), "'map'", "cannot have")]
    [InlineData(typeof(Records.Endless), "Endless'", "contains itself")]
    [InlineData(typeof(Records.LimitsOfAnotherType), "'text'", "needs [Text]")]
    public void A_field_without_limits_or_of_a_type_that_cannot_be_exchanged_is_refused_with_what_to_do(Type record, string field, string what)
    {
        var json = Records.Options.GetTypeInfo(record);
        foreach (var attempt in new Action[] { () => SchemaExport.Of(json, RecordDocumentation.None), () => RecordCheck.Of(json) })
        {
            var wrong = Assert.ThrowsAny<NotSupportedException>(attempt);
            Assert.Contains(field, wrong.Message, StringComparison.Ordinal);
            Assert.Contains(what, wrong.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(@"^\d+$")]
    [InlineData("abc")]
    [InlineData("^a")]
    public void A_pattern_that_may_mean_something_else_in_other_languages_is_refused(string pattern) =>
        Assert.Throws<ArgumentException>(() => new TextAttribute(0, 1, pattern: pattern));
}
