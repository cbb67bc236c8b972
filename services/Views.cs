using System.Text.Json.Serialization;
using Pipeline.Consumers;
using Pipeline.Contracts;

namespace Pipeline.Services;

/// <summary>How the services read contracts as records of their own.</summary>
internal static class Views
{
    /// <summary>A record with what a consumer uses of a contract, read as strictly as the contract is.</summary>
    /// <param name="context">Source-generated metadata of the record.</param>
    public static ConsumedMessage<TView> Of<TContract, TView>(JsonSerializerContext context) => ConsumedMessage.Of<TContract, TView>(ContractJson.TypeInfoOf<TView>(context));
}
