using Pipeline.Services.Ordering;

namespace Pipeline.Tests;

/// <summary>Names of articles are parts of addresses: the link of an announcement must lead where the figures are.</summary>
public sealed class ArticleNameTests
{
    [Theory]
    [InlineData(".")]
    [InlineData("..")]
    public void A_name_that_an_address_would_lose_is_refused(string name)
    {
        Assert.DoesNotContain(name + "\n", new Uri(new Uri("http://localhost/"), "api/sales/2026-01-01/" + name) + "\n", StringComparison.Ordinal);
        Assert.False(PlaceOrder.IsName(name));
    }

    [Theory]
    [InlineData("...")]
    [InlineData(".a")]
    [InlineData("a..")]
    [InlineData("a")]
    [InlineData("_")]
    public void A_name_that_stays_in_an_address_is_taken(string name)
    {
        Assert.EndsWith("/" + name, new Uri(new Uri("http://localhost/"), "api/sales/2026-01-01/" + name).AbsoluteUri, StringComparison.Ordinal);
        Assert.True(PlaceOrder.IsName(name));
    }
}
