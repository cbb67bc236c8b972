using Microsoft.Extensions.Configuration;
using Pipeline.AzureFunctions.Webhooks;
using Pipeline.Services;

namespace Pipeline.Tests.Webhooks;

/// <summary>Settings of webhook sources, and the decoding of header values.</summary>
public sealed class WebhookSettingTests
{
    private static readonly string Digest = WebhookRequests.Digest("t");

    [Theory]
    [InlineData("carrier", "origins", "a.example", "Webhooks__carrier__tokenSha256")]
    [InlineData("carrier", "tokenSha256", "my-secret-token", "hex digits")]
    [InlineData("carrier", "tokenSha256", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "empty token")]
    [InlineData("carrier", "origins", "*", "each sender by its own")]
    [InlineData("carrier", "origins", "https://a.example", "host names")]
    [InlineData("carrier", "types", "com.contoso.ordering.order-placed.v1", "does not handle")]
    [InlineData("carrier", "retired", "yes", "'true' or 'false'")]
    [InlineData("carrier", "token", "x", "Webhooks__carrier__token")]
    [InlineData("stranger", "tokenSha256", "x", "no consumer 'webhooks/stranger'")]
    public void A_wrong_setting_is_an_error_that_names_it_and_quotes_no_secret(string source, string setting, string value, string says)
    {
        var values = new Dictionary<string, string?> { [$"Webhooks:{source}:{setting}"] = value };
        if (says is not "Webhooks__carrier__tokenSha256")
            values.TryAdd("Webhooks:carrier:tokenSha256", Digest);
        var error = Assert.Throws<InvalidOperationException>(() => Read(values));
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("my-secret-token", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_tokens_are_taken_for_a_change_of_tokens_and_no_more()
    {
        var source = Read(new() { ["Webhooks:CARRIER:tokenSha256"] = $"{Digest},{WebhookRequests.Digest("u")}" }).Find("carrier")!;
        Assert.True(source.IsToken("t") && source.IsToken("u"));
        Assert.False(source.IsToken("v") || source.IsToken("") || source.IsToken(Digest));
        Assert.Throws<InvalidOperationException>(() => Read(new() { ["Webhooks:carrier:tokenSha256"] = $"{Digest},{Digest},{Digest}" }));
    }

    private static WebhookSources Read(Dictionary<string, string?> values) =>
        WebhookSources.Read(new ConfigurationBuilder().AddInMemoryCollection(values).Build(), Catalog.Consumers, TestedApp.Messages);
}
