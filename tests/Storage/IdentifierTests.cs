using System.Text.Json;
using Pipeline.Storage;

namespace Pipeline.Tests;

/// <summary>Identifiers of the core: each is a type of its own, stored as the plain text or number that it always was.</summary>
public sealed class IdentifierTests
{
    [Fact]
    public void A_partition_that_was_never_set_is_not_taken_for_one()
    {
        Assert.Throws<InvalidOperationException>(() => default(Partition).Value);
        Assert.Throws<InvalidOperationException>(() => default(Partition).ToString());
        Assert.Throws<ArgumentNullException>(() => new Partition(null!));
    }

    [Fact]
    public void Partitions_are_equal_as_ordinal_text()
    {
        Assert.Equal(new Partition("o-1"), new Partition(string.Concat("o-", "1")));
        Assert.NotEqual(new Partition("o-1"), new Partition("O-1"));
        Assert.Equal("order o-1", $"order {new Partition("o-1")}");
    }

    [Fact]
    public void A_head_is_stored_with_plain_text()
    {
        var head = new PartitionHead { Partition = new Partition("o-1") };
        head.ChangePositionOf("ordering/payments").Blocked = "dl:1";

        var stored = JsonSerializer.SerializeToElement(head, StorageJson.Default.PartitionHead);

        Assert.Equal("o-1", stored.GetProperty("pk").GetString());
        Assert.Equal("dl:1", stored.GetProperty("consumers").GetProperty("ordering/payments").GetProperty("blocked").GetString());
        using var document = JsonDocument.Parse(stored.GetRawText());
        Assert.Equal(head.Partition, PartitionHead.Parse("orders", head.Partition, document).Partition);
    }
}
