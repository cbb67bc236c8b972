using System.Text.Json.Serialization;
using Pipeline.Consumers;
using Pipeline.Contracts;

namespace Pipeline.Services;

/// <summary>Makes the consumed messages of the services.</summary>
internal static class Views
{
    /// <summary>Gets a consumed message: a record with the fields of a contract that a consumer uses, checked as strictly as the contract.</summary>
    /// <param name="context">Source-generated metadata of the record.</param>
    public static ConsumedMessage<TView> Of<TContract, TView>(JsonSerializerContext context) => ConsumedMessage.Of<TContract, TView>(ContractJson.TypeInfoOf<TView>(context));
}
