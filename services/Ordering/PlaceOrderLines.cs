namespace Pipeline.Services.Ordering;

/// <summary>Validation of a line that may be missing altogether.</summary>
internal static class PlaceOrderLines
{
    public static void Validate(this PlaceOrderLine? line, string path, Dictionary<string, string[]> errors)
    {
        if (line is null)
        {
            errors[path] = ["is null"];
            return;
        }

        if (line.Sku is null)
            errors[path + ".sku"] = ["is missing"];
        else if (!PlaceOrder.Name().IsMatch(line.Sku))
            errors[path + ".sku"] = [VisibleText.HiddenCharacterError(line.Sku) ?? "must be 1 to 64 letters, digits, '.', '_' or '-', and not just '.' or '..'"];
        if (line.Quantity is null)
            errors[path + ".quantity"] = ["is missing"];
        else if (line.Quantity is < 1 or > PlaceOrder.MaxQuantity)
            errors[path + ".quantity"] = [string.Create(CultureInfo.InvariantCulture,
                $"{line.Quantity} is not between 1 and {PlaceOrder.MaxQuantity}")];
        if (line.UnitPrice is null)
            errors[path + ".unitPrice"] = ["is missing"];
        else if (line.UnitPrice is < 0 or > PlaceOrder.MaxUnitPrice)
            errors[path + ".unitPrice"] = [string.Create(CultureInfo.InvariantCulture,
                $"{line.UnitPrice} is not between 0 and {PlaceOrder.MaxUnitPrice}")];
        else if (decimal.Round(line.UnitPrice.Value, 2) != line.UnitPrice)
            errors[path + ".unitPrice"] = ["has more than two decimals"];
    }
}
