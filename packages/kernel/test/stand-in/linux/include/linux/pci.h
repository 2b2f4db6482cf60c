#define PCI_VDEVICE(vendor, device) PCI_VENDOR_ID_##vendor, device
